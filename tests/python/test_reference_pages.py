"""The pages of reference say what the library declares."""

from reference_pages import pages


def test_the_pages_are_written_from_the_declarations() -> None:
    expected = pages()
    assert len(expected) == 3
    for path, text in expected.items():
        assert text.count("\n| ") > 10, f"{path.name} lists nothing"
        assert path.read_text(encoding="utf-8") == text, "run: python tests/python/reference_pages.py"
