"""The error tree: one base, the builtins one would catch, attributes, pickles."""

import builtins
import pickle

import pytest

import confluence_access
from confluence_access import errors
from confluence_access.errors import ConfluenceError
from confluence_access.records import Gap

BUILTIN = {
    "ConfigurationError": ValueError,
    "NoAnswerError": ConnectionError,
    "RequestTimeoutError": TimeoutError,
    "CertificateError": ConnectionError,
    "RequestError": ValueError,
    "AuthenticationError": PermissionError,
    "ForbiddenError": PermissionError,
    "NotFoundError": LookupError,
    "AmbiguousError": LookupError,
    "GoneError": LookupError,
    "UnreadableAnswerError": ValueError,
    "NotConfluenceError": ValueError,
    "ClosedError": RuntimeError,
    "ForkedError": RuntimeError,
    "StoreError": OSError,
    "StoreForbiddenError": PermissionError,
}


def tree(root: type[ConfluenceError] = ConfluenceError) -> list[type[ConfluenceError]]:
    return [root, *(found for child in root.__subclasses__() for found in tree(child))]


def test_the_module_exports_the_whole_tree_and_nothing_else():
    assert sorted({kind.__name__ for kind in tree()}) == sorted(errors.__all__)
    assert BUILTIN.keys() < set(errors.__all__)
    assert all(getattr(confluence_access, name) is getattr(errors, name) for name in errors.__all__)


@pytest.mark.parametrize(("name", "builtin"), BUILTIN.items())
def test_an_error_is_caught_by_the_builtin_one_would_write(name: str, builtin: type[Exception]):
    with pytest.raises(builtin):
        raise getattr(errors, name)("no")
    assert name not in dir(builtins)


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling_with_all_it_knows(kind: type[ConfluenceError]):
    gap = Gap(scope="content", subject="1", cause="forbidden", message="no", status=403, route="GET /x")
    error = kind("it `broke`", status=503, request_id="r-1", retry_after=2.5, attempts=5, url="https://x/y", gaps=[gap])
    if isinstance(error, errors.AmbiguousError):
        error.candidates = ("user:1", "user:2")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is kind
        assert str(again) == str(error) == "it `broke`"
        assert again.args == error.args
        assert vars(again) == vars(error)


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_an_error_without_details_has_every_attribute(kind: type[ConfluenceError]):
    error = kind("no")
    assert (error.status, error.request_id, error.retry_after, error.attempts, error.url) == (None,) * 5
    assert list(error.gaps) == []


def test_candidates_of_an_ambiguous_name_are_part_of_the_error():
    error = pickle.loads(pickle.dumps(errors.AmbiguousError("two `ann`", candidates=["user:1", "user:2"])))
    assert error.candidates == ("user:1", "user:2")
