from __future__ import annotations

import copy
import html.parser
import json
import pickle
import re
from dataclasses import fields
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from plain_site import plain_site

from confluence_access import Confluence, Simulator, Snapshot, errors, records
from confluence_access.access import Access, ContentLike, Decision, Explanation, Gate, SubjectLike
from confluence_access.types import Operation, RestrictionOperation


@pytest.fixture(scope="module")
def access(snapshot: Snapshot) -> Access:
    return snapshot.access()


def test_a_decision_is_a_text_that_is_true_for_allowed_alone() -> None:
    answers = {
        verdict: Decision(verdict) for verdict in ("allowed", "denied", "unknown", "not_in_inventory", "not_current")
    }
    assert {verdict: str(decision) for verdict, decision in answers.items()} == {
        "allowed": "allowed",
        "denied": "denied",
        "unknown": "unknown",
        "not_in_inventory": "unknown",
        "not_current": "unknown",
    }
    for verdict, decision in answers.items():
        assert isinstance(decision, str)
        assert decision.verdict == verdict
        assert decision == str(decision)
        assert hash(decision) == hash(str(decision))
        assert bool(decision) is (verdict == "allowed")
        twin = pickle.loads(pickle.dumps(decision))
        assert (twin, twin.verdict) == (decision, verdict)
        assert copy.deepcopy(decision).verdict == verdict
    assert json.dumps(answers["denied"]) == '"denied"'


@pytest.mark.parametrize(
    ("subject", "operation", "content", "expected"),
    [
        ("user:ann", "view", "2", "allowed"),
        ("user:ann", "edit", "2", "allowed"),
        ("user:bob", "view", "2", "allowed"),
        ("user:bob", "edit", "2", "denied"),
        ("user:dan", "view", "1", "denied"),
        ("anonymous", "view", "1", "allowed"),
        ("anonymous", "view", "2", "denied"),
        ("user:ann", "view", "3", "unknown"),
        ("anonymous", "view", "3", "denied"),
        ("user:ann", "view", "999", "unknown"),
        ("group:eng", "view", "1", "allowed"),
    ],
)
def test_can_answers_and_explain_agrees(
    access: Access, subject: str, operation: Operation, content: str, expected: str
) -> None:
    decision = access.can(subject, operation, content)
    explanation = access.explain(subject, operation, content)
    assert decision == expected
    assert explanation.decision == decision
    assert explanation.verdict == decision.verdict


def test_a_content_that_was_not_listed_is_not_denied(access: Access) -> None:
    decision = access.can("user:ann", "view", "999")
    assert (decision, decision.verdict) == ("unknown", "not_in_inventory")
    assert access.explain("user:ann", "view", "999").content is None
    for ask in (lambda: access.who_can("view", "999"), lambda: access.tree("999")):
        with pytest.raises(errors.NotInSnapshotError, match="`999` is not in the snapshot"):
            ask()
        with pytest.raises(LookupError):
            ask()


def test_records_stand_for_subjects_and_contents(snapshot: Snapshot, access: Access) -> None:
    ann = next(user for user in snapshot.users if user.id == "ann")
    eng = next(group for group in snapshot.groups if group.id == "eng")
    plans = next(content for content in snapshot.contents if content.id == "2")
    assert access.can(ann, "view", plans) == access.can("user:ann", "view", "2") == "allowed"
    assert access.can(eng, "view", plans) == access.can("group:eng", "view", "2")
    assert access.can(ann, "view", 2) == "allowed"
    for grantee in access.who_can("view", plans):
        assert access.can(grantee, "view", plans) == grantee.decision
    granted = {row.subject: access.can(row, "view", plans) for row in snapshot.space_permissions}
    assert granted == {
        "anonymous": "denied",
        "group:eng": "allowed",
        "user:bob": "allowed",
        "class:all-licensed-users": "denied",
        "user:ann": "allowed",
    }
    listed = {row.subject: access.can(row, "view", row) for row in snapshot.restrictions}
    assert listed == {"group:eng": "allowed", "team:x:y": "unknown", "user:ann": "allowed"}
    for row in access.contents_for(ann, "view"):
        assert access.can(ann, "view", row) == row.decision
    assert len(access.summary()) == len(snapshot.contents)


@pytest.mark.parametrize(
    "thing", [None, 1.5, True, object(), records.Gap("content", "1", "c", "m", None, None), ["user:ann"]]
)
def test_what_stands_for_no_subject_is_refused(access: Access, thing: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"a subject is (given as|missing: expected) `user:<id>`"):
        access.can(thing, "view", "1")


@pytest.mark.parametrize("thing", [None, True, 1.5, ["1"]])
def test_what_stands_for_no_content_is_refused(access: Access, thing: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"a content is (given as|missing: expected) its id"):
        access.can("user:ann", "view", thing)


@pytest.mark.parametrize("name", ["user:ann.lee", "user:ann@example.org"])
def test_a_name_or_address_the_snapshot_knows_is_looked_up(access: Access, name: str) -> None:
    assert access.can(name, "edit", "2") == "allowed"
    assert access.explain(name, "edit", "2").subject.subject == "user:ann"


def test_a_name_that_fits_several_lists_them(access: Access) -> None:
    with pytest.raises(errors.AmbiguousError, match="`user:twin`") as caught:
        access.can("user:twin", "view", "1")
    assert sorted(caught.value.candidates) == ["user:eva", "user:eve"]
    with pytest.raises(LookupError):
        access.contents_for("user:twin", "view")


def test_a_subject_that_is_not_in_the_snapshot_is_said_to_be_missing_before_anything_else(access: Access) -> None:
    for subject, note in (
        ("user:bob.boldd", "no account `bob.boldd` in this snapshot; answered as an unknown account"),
        ("group:engg", "no group `engg` in this snapshot; answered as an unknown group: did you mean `group:eng`?"),
        ("class:all-users", "no class `all-users` in this snapshot; answered as an unknown class"),
        ("team:x1", "no subject `team:x1` in this snapshot; answered as an unknown subject"),
        ("user:x@y.example", "no account `x@y.example` in this snapshot; answered as an unknown account"),
    ):
        explanation = access.explain(subject, "view", "1")
        assert explanation.text.splitlines()[0].startswith(note)
        assert explanation.subject.note == explanation.text.splitlines()[0]
        assert note.replace("`", "") in explanation._repr_html_().replace("`", "")
        assert explanation.to_dict()["subject"]["note"] == explanation.subject.note
    for subject in ("user:bob", "group:eng", "anonymous", "class:all-licensed-users", "anyone_with_link", "unlicensed"):
        known = access.explain(subject, "view", "1").subject
        assert (known.note, known.nearest) == (None, ())


def test_a_subject_can_be_checked_before_it_is_asked_about(access: Access) -> None:
    for text in ("ann", "user:ann", "ann.lee", "Ann Lee", "user:ANN@example.org"):
        found = access.subject(text)
        assert (found.subject, found.name, found.state) == ("user:ann", "Ann Lee", "active")
        assert access.can(found, "edit", "2") == "allowed"
    assert access.subject("group:eng").state == "group"
    assert access.subject("anonymous").subject == "anonymous"
    with pytest.raises(errors.NotFoundError) as caught:
        access.subject("Ann Le")
    assert str(caught.value) == "no account `Ann Le` in this snapshot: did you mean `Ann Lee`, `ann.lee`?"
    assert caught.value.nearest == ("Ann Lee", "ann.lee")
    assert caught.value.status is None
    assert pickle.loads(pickle.dumps(caught.value)).nearest == caught.value.nearest
    with pytest.raises(errors.NotFoundError, match="no account `engg` in this snapshot: did you mean `group:eng`"):
        access.subject("engg")
    with pytest.raises(LookupError, match="no group `engg` in this snapshot: did you mean `group:eng`"):
        access.subject("group:engg")
    with pytest.raises(errors.NotFoundError, match=r"no account `nobody@example.org` in this snapshot"):
        access.subject("user:nobody@example.org")
    with pytest.raises(errors.NotFoundError, match=r"no class `all-product-admin` .*`class:all-product-admins`"):
        access.subject("class:all-product-admin")
    with pytest.raises(errors.AmbiguousError, match=r"user:eva \(.*\), user:eve \(.*\)") as ambiguous:
        access.subject("twin")
    assert sorted(ambiguous.value.candidates) == ["user:eva", "user:eve"]
    with pytest.raises(ValueError, match=r"invalid subject|a subject is empty"):
        access.subject(" ")


def test_candidates_are_told_apart_by_their_addresses() -> None:
    site = {"users": {"a": {"display_name": "Sam", "email": "sam@one.example"}, "b": {"display_name": "Sam"}}}
    with pytest.raises(errors.AmbiguousError) as caught:
        Snapshot.from_dict(site).access().subject("sam")
    assert str(caught.value) == "`sam` names several subjects: user:a (Sam, sam@one.example), user:b (Sam)"


def test_an_account_id_with_a_colon_needs_no_kind_before_it() -> None:
    site = {
        "users": {"712020:f6": {}},
        "spaces": {"S": {"grants": {"user:712020:f6": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "S"}},
    }
    assert Snapshot.from_dict(site).access().can("712020:f6", "view", "1") == "allowed"


def test_an_account_nobody_knows_is_a_legitimate_question(access: Access) -> None:
    assert access.can("user:nobody", "view", "6") in ("denied", "unknown")


@pytest.mark.parametrize("text", ["", "user:", ":ann", "group:"])
def test_a_text_that_names_no_subject_is_refused(access: Access, text: str) -> None:
    with pytest.raises(ValueError, match=r"(invalid subject `[^`]*`|a subject is empty): expected `user:<id>`"):
        access.can(text, "view", "1")


@pytest.mark.parametrize("word", ["viev", "View", "", "write"])
def test_a_word_that_is_no_operation_is_refused_with_the_words(access: Access, word: Any) -> None:
    for ask in (
        lambda: access.can("user:ann", word, "1"),
        lambda: access.explain("user:ann", word, "1"),
        lambda: access.who_can(word, "1"),
        lambda: access.contents_for("user:ann", word),
    ):
        with pytest.raises(ValueError, match=f"invalid operation `{word}`: (did you mean|expected) `(view|edit)`"):
            ask()


def test_who_can_agrees_with_can_for_everybody(snapshot: Snapshot, access: Access) -> None:
    asked = 0
    for content in snapshot.contents:
        for operation in ("view", "edit"):
            listed = {row.user_id: row.decision for row in access.who_can(operation, content)}
            for user in snapshot.users:
                decision = access.can(user, operation, content)
                assert listed.get(user.id, "denied") == decision
                asked += 1
    assert asked == 72


def test_who_can_says_how_each_got_in(access: Access) -> None:
    rows = {row.user_id: row for row in access.who_can("view", "2")}
    assert isinstance(rows["bob"], records.Grantee)
    assert rows["bob"].display_name == "Bob <b>Bold</b>"
    assert rows["bob"].via
    assert rows["bob"].standing
    assert "dan" not in rows


def test_contents_for_lists_what_can_allows(snapshot: Snapshot, access: Access) -> None:
    rows = {row.content_id: row.decision for row in access.contents_for("user:bob")}
    assert rows
    for content in snapshot.contents:
        assert rows.get(content.id, "denied") == access.can("user:bob", "view", content)


def test_what_a_leaver_had_is_what_an_active_account_would_have() -> None:
    site = plain_site()
    site["groups"]["eng"]["members"].append("user:dan")
    left = Snapshot.from_dict(site).access()
    site["users"]["dan"]["active"] = True
    back = Snapshot.from_dict(site).access()
    assert len(left.contents_for("user:dan", decision="allowed")) == 0
    operations: list[Operation] = ["view", "edit"]
    for operation in operations:
        had = left.contents_for("user:dan", operation, as_if={"active": True})
        assert len(had) > 1
        assert had == back.contents_for("user:dan", operation)
    assert len(left.contents_for("user:ann", as_if={"active": False}, decision="allowed")) == 0
    assert left.contents_for("user:dan", as_if={}) == left.contents_for("user:dan")
    site["users"]["dan"]["licensed"] = False
    out = Snapshot.from_dict(site).access().contents_for("user:dan")
    assert out == left.contents_for("user:dan", as_if={"active": True, "licensed": False})


@pytest.mark.parametrize(
    ("subject", "as_if", "message"),
    [
        ("user:dan", {"actve": True}, "unknown `actve` in `as_if`: expected `active` and `licensed`"),
        ("user:dan", {"active": "yes"}, "`active` in `as_if` is either True or False"),
        ("user:dan", {"active": 1}, "`active` in `as_if` is either True or False"),
        ("user:dan", {1: True}, "`as_if` is a dict such as"),
        ("user:dan", "active", "`as_if` is a dict such as"),
        ("group:eng", {"active": True}, "`as_if` changes an account: `group:eng` is not one"),
        ("anonymous", {"active": True}, "`as_if` changes an account: `anonymous` is not one"),
    ],
)
def test_what_cannot_be_supposed_is_refused(access: Access, subject: str, as_if: Any, message: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        access.contents_for(subject, as_if=as_if)
    assert str(caught.value).startswith(message)


def test_only_an_account_of_the_snapshot_can_be_supposed_to_be_active(access: Access) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        access.contents_for("Ann Le", as_if={"active": True})
    assert caught.value.nearest == ("Ann Lee", "ann.lee")


def test_everything_that_names_a_subject_is_listed(access: Access) -> None:
    def places(subject: SubjectLike) -> list[tuple[str | None, ...]]:
        return [
            (row.kind, row.space_key or row.group_id, row.content_id, row.permission or row.path)
            for row in access.used_by(subject)
        ]

    assert places("group:eng") == [
        ("space_permission", "ENG", None, "view"),
        ("space_permission", "ENG", None, "create_page"),
        ("restriction", "ENG", "2", "view"),
        ("shared_draft", "ENG", "4", None),
        ("member_of", "all", None, None),
        ("member_of", "platform", None, None),
        ("contains", "platform", None, None),
    ]
    assert places("bob") == [
        ("space_permission", "ENG", None, "view"),
        ("shared_draft", "ENG", "4", None),
        ("member_of", "platform", None, None),
        ("member_of", "eng", None, "platform"),
        ("member_of", "all", None, "eng > platform"),
    ]
    roles = access.used_by("class:all-licensed-users")
    assert [(row.permission, row.via_role) for row in roles] == [("view", "Viewer")]
    assert access.used_by("group:eng")[2].content_title == "Plans & <i>dates</i>"
    assert places("user:dan") == []
    assert not access.used_by("user:dan").complete
    with pytest.raises(errors.NotFoundError, match="did you mean `group:eng`"):
        access.used_by("group:engg")


def test_global_permissions_are_uses_of_their_holders() -> None:
    site: dict[str, Any] = {
        "users": {"ann": {}},
        "groups": {"eng": {"name": "Engineering"}, "staff": {}},
        "global_permissions": {"group:eng": ["use", "create_space"], "user:ann": ["administer"]},
    }
    snap = Snapshot.from_dict(site)
    assert [(row.subject_id, row.subject_name, row.permission) for row in snap.global_permissions] == [
        ("eng", "Engineering", "use"),
        ("eng", "Engineering", "create_space"),
        ("ann", None, "administer"),
    ]
    found = snap.access().used_by("group:eng")
    assert [(row.kind, row.permission) for row in found] == [
        ("global_permission", "use"),
        ("global_permission", "create_space"),
    ]
    assert found.complete
    assert {row.subject for row in snap.access().findings(codes="unused_group")} == {"group:staff"}
    for wrong in ({"group:eng": ["view"]}, {"group:engg": ["use"]}, {"eng": ["use"]}):
        with pytest.raises(errors.ConfigurationError, match="global_permissions"):
            Snapshot.from_dict({**site, "global_permissions": wrong})
    with Simulator(pages=20) as simulator, simulator.connect() as wiki:
        fetched = wiki.snapshot(spaces=["HR"])
        assert "global_permissions" in fetched.site.blind_spots
        assert len(fetched.site.blind_spots) == len(fetched.site.coverage)
        found = fetched.access().used_by("group:site-admins")
    assert [gap.subject for gap in found.gaps] == ["global_permissions"]


def test_the_summary_counts_who_can(snapshot: Snapshot, access: Access) -> None:
    people = {user.id for user in snapshot.users}
    for row in access.summary():
        counts: list[tuple[Operation, int | None, int | None]] = [
            ("view", row.viewers, row.unknown_viewers),
            ("edit", row.editors, row.unknown_editors),
        ]
        for operation, allowed, unknown in counts:
            who = [g for g in access.who_can(operation, row) if g.standing and g.user_id in people]
            assert allowed == sum(g.decision == "allowed" for g in who)
            assert unknown == sum(g.decision == "unknown" for g in who)
    plans = next(row for row in access.summary() if row.content_id == "2")
    assert plans.restricted_by == ("2",)
    assert plans.own_restriction
    assert plans.public_link


def test_an_explanation_names_the_gate_that_stops(access: Access) -> None:
    explanation = access.explain("user:bob", "edit", "2")
    assert explanation.verdict == "denied"
    assert "restriction.own.edit" in explanation.codes
    stopped = [gate for gate in explanation.gates if gate.outcome == "fail"]
    assert stopped
    assert all(isinstance(gate, Gate) for gate in explanation.gates)
    own = next(gate for gate in stopped if gate.name == "edit_list")
    assert own.content_id == "2"
    assert own.levels_up == 0
    assert [principal.subject for principal in own.principals] == ["user:ann"]
    assert explanation.subject.subject == "user:bob"
    assert explanation.content is not None
    assert explanation.content.space_key == "ENG"
    assert explanation.fixes


def test_an_explanation_reads_as_text_data_and_html(access: Access) -> None:
    explanation = access.explain("user:bob", "edit", "2")
    text = str(explanation)
    assert text == explanation.text
    assert "denied" in text
    data = explanation.to_dict()
    assert json.loads(json.dumps(data)) == data
    data["gates"].clear()
    assert explanation.gates
    assert repr(explanation).startswith("<Explanation: user:bob may edit 2: denied (")
    shown = explanation._repr_html_()
    assert "✗" in shown
    assert "✓" in shown
    assert "Plans &amp; &lt;i&gt;dates&lt;/i&gt;" in shown
    assert "<b>Bold" not in shown
    assert unclosed(shown) == []
    assert pickle.loads(pickle.dumps(explanation)) == explanation


def test_every_explanation_can_be_shown(snapshot: Snapshot, access: Access) -> None:
    shown = 0
    contents: list[ContentLike] = ["999", *snapshot.contents]
    words: list[SubjectLike] = ["anonymous", "class:all-licensed-users", "anyone_with_link"]
    subjects: list[SubjectLike] = [*words, *snapshot.users, *snapshot.groups]
    for content in contents:
        for subject in subjects:
            for operation in ("view", "edit", "comment", "delete", "create_page", "remove_restrictions"):
                explanation = access.explain(subject, operation, content)
                assert unclosed(explanation._repr_html_()) == []
                for part in ("gates", "ways_in", "fixes", "irrelevant", "switches", "gaps"):
                    assert len(getattr(explanation, part)) == len(explanation.to_dict()[part])
                shown += 1
    assert shown == 7 * 12 * 6


def test_the_typed_parts_of_an_explanation_leave_nothing_out(snapshot: Snapshot, access: Access) -> None:
    def check(part: Any, known: dict[str, Any]) -> None:
        assert {field.name for field in fields(part)} == set(known)

    checked = set()
    for content in snapshot.contents:
        subjects: list[SubjectLike] = [*snapshot.users, "anonymous"]
        for subject in subjects:
            explanation = access.explain(subject, "edit", content)
            data = explanation.to_dict()
            assert set(data) <= {name for name in dir(Explanation) if not name.startswith("_")}
            check(explanation.subject, data["subject"])
            check(explanation.content, data["content"])
            for part in ("gates", "ways_in", "fixes", "irrelevant", "switches", "gaps"):
                for typed, known in zip(getattr(explanation, part), data[part], strict=True):
                    check(typed, known)
                    checked.add(part)
            for gate, known in zip(explanation.gates, data["gates"], strict=True):
                for principal, plain in zip(gate.principals, known["principals"], strict=True):
                    check(principal, plain)
    assert checked >= {"gates", "fixes", "gaps"}


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def unclosed(text: str) -> list[str]:
    tags = _Tags()
    tags.feed(text)
    return tags.open


def test_an_address_that_is_no_web_page_is_not_linked() -> None:
    site = plain_site()
    site["contents"]["1"]["url"] = "javascript:alert(1)"
    site["contents"]["2"]["url"] = "https://wiki.example.org/x?a=1&b=2"
    access = Snapshot.from_dict(site).access()
    assert "javascript" not in access.explain("user:ann", "view", "1")._repr_html_()
    assert 'href="https://wiki.example.org/x?a=1&amp;b=2"' in access.explain("user:ann", "view", "2")._repr_html_()


def test_a_switch_of_the_policy_can_be_set(snapshot: Snapshot) -> None:
    assert snapshot.access().can("user:bob", "edit", "1") == "allowed"
    direct = snapshot.access({"nested_groups": False})
    assert direct.can("user:bob", "edit", "1") == "denied"
    switches = {switch.name: switch for switch in direct.policy}
    assert switches["nested_groups"].value is False
    assert switches["nested_groups"].question
    assert len(switches) >= 12
    twin = pickle.loads(pickle.dumps(direct))
    assert twin.can("user:bob", "edit", "1") == "denied"
    assert twin.snapshot == snapshot


@pytest.mark.parametrize("policy", [{"nested_group": True}, {"nested_groups": "maybe"}, {"nested_groups": 3}])
def test_a_switch_that_does_not_exist_is_refused_by_name(snapshot: Snapshot, policy: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationError, match="nested_group"):
        snapshot.access(policy)


def test_the_tree_goes_from_the_root_to_the_content(access: Access) -> None:
    tree = access.tree("3")
    assert [level.content_id for level in tree.levels] == ["1", "2", "3"]
    assert tree.levels[1].view_restriction.groups
    assert tree.space_key == "ENG"
    assert json.loads(json.dumps(tree.to_dict())) == tree.to_dict()
    assert pickle.loads(pickle.dumps(tree)) == tree
    assert repr(tree) == "<Tree of 3 in ENG: 3 levels>"
    people = access.tree("3", people_who_can_view=True)
    assert not any(level.view.groups for level in people.levels)
    for level, known in zip(tree.levels, tree.to_dict()["levels"], strict=True):
        assert {field.name for field in fields(level)} == set(known)


def test_the_tree_is_also_told_in_the_words_of_the_add_on(access: Access) -> None:
    told = access.tree("3").to_dict(style="extender")
    assert sorted(told) == [
        "content_tree_restrictions",
        "inherited_content_permissions",
        "inherited_content_tree_permissions",
    ]
    assert [level["contentId"] for level in told["inherited_content_tree_permissions"]["contentTree"]] == [1, 2, 3]
    with pytest.raises(ValueError, match="use `plain` or `extender`"):
        access.tree("3").to_dict(style="json")


@pytest.mark.parametrize("operation", ["view", "edit"])
def test_pairs_are_what_can_allows_as_standing_access(
    snapshot: Snapshot, access: Access, operation: RestrictionOperation
) -> None:
    pairs = access.pairs(operation)
    expected = {
        (user.id, content.id)
        for user in snapshot.users
        for content in snapshot.contents
        if access.explain(user, operation, content).standing == "allowed"
    }
    assert expected
    assert {(pair.user_id, pair.content_id) for pair in pairs} == expected
    assert len(pairs) == len(expected) == sum(map(len, pairs.batches()))
    # A stream that starts over each time.
    assert duckdb.execute("select count(*) from pairs a join pairs b using (user_id, content_id)").fetchall() == [
        (len(expected),)
    ]
    assert set(pl.DataFrame(pairs).rows()) == expected
    assert pa.RecordBatchReader.from_stream(pairs).read_all().num_rows == len(expected)
    assert f"{len(expected)} rows" in repr(pairs)


def test_pairs_can_be_left_half_read() -> None:
    people: dict[str, Any] = {f"u{number:04}": {} for number in range(1000)}
    site = {
        "users": people,
        "groups": {"all": {"members": [f"user:{name}" for name in people]}},
        "spaces": {"S": {"grants": {"group:all": ["view"]}}},
        "contents": {f"{number:04}": {"type": "page", "space": "S"} for number in range(1000)},
    }
    pairs = Snapshot.from_dict(site).access().pairs("view")
    assert len(pairs) == 1_000_000
    for _ in range(20):
        first = next(iter(pairs.batches()))
        assert (first[0].user_id, first[0].content_id) == ("u0000", "0000")
    counted = duckdb.execute(
        "select count(*), count(distinct user_id), count(distinct content_id) from pairs"
    ).fetchall()
    assert counted == [(1_000_000, 1000, 1000)]
    assert len(Snapshot.from_dict(site).access().pairs("edit")) == 0
    assert pl.DataFrame(Snapshot.from_dict(site).access().pairs("edit")).columns == ["user_id", "content_id"]


@pytest.mark.parametrize("word", ["comment", "reed"])
def test_pairs_of_anything_but_view_and_edit_are_refused(access: Access, word: Any) -> None:
    with pytest.raises(ValueError, match=f"`{word}`"):
        access.pairs(word)


def test_rows_can_be_had_for_one_decision_and_the_title_counts_them_apart(access: Access) -> None:
    both = access.who_can("view", "3")
    allowed = access.who_can("view", "3", decision="allowed")
    unknown = access.who_can("view", "3", decision="unknown")
    assert [row for row in both if row.decision == "allowed"] == list(allowed)
    assert [row for row in both if row.decision == "unknown"] == list(unknown)
    assert len(unknown) > 0
    title = repr(both).splitlines()[0]
    counted = [f"{len(rows)} {word}" for rows, word in ((allowed, "allowed"), (unknown, "unknown")) if len(rows)]
    assert f"{len(both)} rows: {', '.join(counted)};" in title
    assert f"{len(both)} rows: {', '.join(counted)}" in both._repr_html_()
    assert f"{len(unknown)} rows: {len(unknown)} unknown;" in repr(unknown)
    contents = access.contents_for("user:ann", "view")
    for word in ("allowed", "unknown"):
        rows = access.contents_for("user:ann", "view", decision=word)
        assert list(rows) == [row for row in contents if row.decision == word]
        assert len(rows) > 0
    for word in ("denied", "Allowed", ""):
        with pytest.raises(errors.ConfigurationError, match="expected `allowed` or `unknown`"):
            access.who_can("view", "3", decision=word)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=f"invalid decision `{word}`"):
            access.contents_for("user:ann", decision=word)  # type: ignore[arg-type]


def test_product_admins_can_be_named() -> None:
    site = {
        "users": {
            "ann": {"product_admin": "unknown"},
            "bob": {"product_admin": "unknown", "display_name": "Bob Lind"},
            "cat": {},
        },
        "groups": {"root": {"name": "site-admins", "members": ["user:ann"]}},
        "spaces": {"S": {"grants": {"class:all-product-admins": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "S"}},
    }
    snapshot = Snapshot.from_dict(site, deployment="cloud")
    plain = snapshot.access()
    assert [plain.can(f"user:{name}", "view", "1") for name in ("ann", "bob", "cat")] == [
        "unknown",
        "unknown",
        "denied",
    ]
    doubt = (
        "not known whether Bob Lind is a product admin (`class:all-product-admins`): not all product admins are known"
    )
    explanation = plain.explain("Bob Lind", "view", "1")
    assert explanation.doubts == (doubt,)
    assert explanation.text.splitlines()[1] == f"  {doubt}"
    assert explanation._repr_html_().index("Not known") < explanation._repr_html_().index("<ol")
    named = snapshot.access(product_admins=["group:site-admins", "user:cat"])
    assert [named.can(f"user:{name}", "view", "1") for name in ("ann", "bob", "cat")] == [
        "allowed",
        "denied",
        "allowed",
    ]
    assert "unlisted_are_product_admins" in {switch.name for switch in named.explain("user:bob", "view", "1").switches}
    assert repr(named).endswith("with product_admins set>")
    assert pickle.loads(pickle.dumps(named)).can("user:ann", "view", "1") == "allowed"
    doubted = snapshot.access({"unlisted_are_product_admins": "unknown"}, product_admins="group:site-admins")
    assert [doubted.can(f"user:{name}", "view", "1") for name in ("ann", "bob")] == ["allowed", "unknown"]
    with pytest.raises(errors.NotFoundError, match="did you mean `group:site-admins`"):
        snapshot.access(product_admins=["group:site-admin"])
    with pytest.raises(errors.ConfigurationError, match="`anonymous` cannot be a product admin"):
        snapshot.access(product_admins="anonymous")


def test_few_answers_about_a_company_remain_unknown_and_each_names_its_doubt() -> None:
    with (
        Simulator() as simulator,
        Confluence(simulator.url, username=simulator.username, token=simulator.token) as wiki,
    ):
        snapshot = wiki.snapshot()
    access = snapshot.access()
    resolved = [row for row in access.summary() if row.viewers is not None]
    unknown = sum(row.unknown_viewers or 0 for row in resolved)
    assert len(resolved) > 300
    assert unknown <= 0.02 * len(resolved) * len(snapshot.users)
    named = 0
    for row in resolved:
        if row.unknown_viewers:
            for grantee in access.who_can("view", row, decision="unknown"):
                explanation = access.explain(grantee, "view", row)
                assert explanation.doubts
                doubt = re.sub(r"\*(.+?)\*", r"“\1”", explanation.doubts[0])
                assert doubt in explanation.text.splitlines()[1]
                named += 1
    assert named >= unknown > 0


def test_findings_are_rows(access: Access) -> None:
    findings = access.findings()
    assert len(findings) > 0
    for finding in findings:
        assert finding.severity in ("high", "medium", "low")
        assert finding.advice
    assert "open_to_anonymous" in {finding.code for finding in findings}


HOSTILE = "Plans\x1b[2J\n\u202egnp"


def hostile() -> Access:
    site = {
        "users": {"ann": {"email": "Ann@Acme.com"}, "bob": {}},
        "groups": {"g1": {"name": "sec", "members": ["user:ann"]}, "g2": {"name": "sec"}, "g3": {"name": "Eng"}},
        "spaces": {"DOC": {"grants": {"user:ann": ["view"], "user:bob": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "DOC", "title": HOSTILE}},
        "restrictions": {"1": {"read": ["group:g1", "group:g3"]}},
    }
    return Snapshot.from_dict(site, deployment="cloud").access()


def test_a_title_cannot_steer_the_terminal_of_the_reader_of_an_explanation():
    explanation = hostile().explain("user:bob", "view", "1")
    assert explanation.content is not None
    assert explanation.content.title == HOSTILE
    assert not {"\x1b", "\u202e"} & set(str(explanation))
    assert r"\x1b[2J\n\u202egnp" in str(explanation)


def test_an_address_is_matched_whatever_its_case_and_an_unknown_one_says_nothing_about_anybody():
    access = hostile()
    assert access.can("user:ANN@acme.com", "view", "1") == "allowed"
    assert access.can("user:nobody@acme.com", "view", "1") == "unknown"
    assert "unknown.identity" in access.explain("user:nobody@acme.com", "view", "1").codes


def test_a_group_name_that_fits_several_groups_lists_them():
    access = hostile()
    with pytest.raises(errors.AmbiguousError) as caught:
        access.can("group:sec", "view", "1")
    assert list(caught.value.candidates) == ["group:g1", "group:g2"]
    assert access.can("group:eng", "view", "1") == access.can("group:g3", "view", "1")


def test_the_words_of_the_servers_ask_the_same():
    access = hostile()
    for word, meant in (("read", "view"), ("update", "edit")):
        asked: Any = word
        product: Any = meant
        assert access.can("user:bob", asked, "1") == access.can("user:bob", product, "1")
        assert access.explain("user:bob", asked, "1") == access.explain("user:bob", product, "1")
        assert access.explain("user:bob", asked, "1").operation == meant
        assert access.who_can(asked, "1") == access.who_can(product, "1")
        assert access.contents_for("user:bob", asked) == access.contents_for("user:bob", product)
        assert len(access.pairs(asked)) == len(access.pairs(product))


def test_a_word_in_other_letters_is_refused_with_the_right_one():
    for word, meant in (("VIEW", "view"), ("EditSpace", "edit"), ("create page", "create_page")):
        asked: Any = word
        with pytest.raises(ValueError, match=f"did you mean `{meant}`"):
            hostile().can("user:bob", asked, "1")


def test_a_decision_can_be_asked_without_a_word():
    for word in ("allowed", "denied", "unknown"):
        decision = Decision(word)
        assert (decision.allowed, decision.denied, decision.unknown) == tuple(
            word == other for other in ("allowed", "denied", "unknown")
        )
        assert decision.word == str(decision) == word
    assert Decision("not_in_inventory").unknown
