import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from likewise.report import html, offline
from likewise.report.html import render

LIMIT = 1_500_000


class Page(HTMLParser):
    """The elements of a page, and the text of those that show text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def shown(self) -> str:
        hidden = {"script", "style"}
        return " ".join(" ".join(v) for k, v in self.texts.items() if k not in hidden)


@pytest.fixture(scope="session")
def page(report) -> str:
    return render(report)


def own_part(page: str) -> str:
    """The page without the packed chart library."""
    return re.sub(r'<script type="text/plain" id="echarts">.*?</script>', "", page, flags=re.S)


def test_equal_reports_give_equal_pages(report, page) -> None:
    assert render(report.model_copy()) == page


def test_the_page_asks_nothing_of_the_network(page) -> None:
    for tag, attrs in Page(page).elements:
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            assert (attrs.get(name) or "#").startswith("#"), (tag, attrs)
        assert tag not in {"link", "iframe", "object", "embed", "base", "img"}
    own = own_part(page)
    assert not re.search(
        r"url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|//\w", own.replace("// ", "")
    )


def test_the_policy_allows_the_pages_own_scripts_and_style_and_nothing_else(page) -> None:
    [policy] = [a["content"] for t, a in Page(page).elements if "http-equiv" in a]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    script = re.search(r"<script>(.*?)</script>", page, re.S)
    packed = re.search(r'id="echarts">(.*?)</script>', page, re.S)
    assert style
    assert script
    assert packed
    library = gzip.decompress(base64.b64decode(packed[1])).decode()
    for text in (style[1], script[1], library):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_no_element_carries_style_or_code_of_its_own(page) -> None:
    for _, attrs in Page(page).elements:
        assert "style" not in attrs
        assert not any(name.startswith("on") for name in attrs)


def test_hostile_names_are_only_words(report, page) -> None:
    scripts = [attrs for tag, attrs in Page(page).elements if tag == "script"]
    assert [attrs.get("id") for attrs in scripts] == ["data", "echarts", None]
    assert "<script>alert" not in page
    assert "<b>other</b>" not in page
    assert '<script>alert("x")</script>' in Page(page).shown()
    text = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert text
    assert {c["name"] for c in json.loads(text[1])["columns"]} == {c.name for c in report.columns}


def test_the_numbers_are_on_the_page_without_javascript(report, page) -> None:
    shown = Page(page).shown().replace("\u00a0", " ")
    for text in (report.sentence, "0.541", "0.530 to 0.552", "1.1 %", "32,561", "start <= end"):
        assert text in shown
    for column in report.columns:
        assert column.name in shown
        assert column.chart is not None
        assert f"{column.chart.real[0]:.2f}" in shown
    assert page.count('<svg class="overlay"') == len(report.columns)
    assert page.count('<svg class="gauge"') == 3
    assert '<svg class="heat"' in page


def test_the_page_has_landmarks_headings_and_named_charts(page) -> None:
    elements = Page(page).elements
    tags = [tag for tag, _ in elements]
    assert tags.count("main") == tags.count("nav") == tags.count("h1") == 1
    assert ("html", {"lang": "en"}) in elements
    for tag, attrs in elements:
        if tag == "svg" and attrs.get("aria-hidden") != "true":
            assert attrs.get("role") == "img"
            assert attrs.get("aria-label")
        if tag == "th":
            assert attrs.get("scope") in {"col", "row"}
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {a["href"] for t, a in elements if t == "a"}
    assert {str(link)[1:] for link in links} <= set(ids)


def test_two_thousand_columns_stay_within_the_size_limit(make_report) -> None:
    names = tuple(f"{'a rather long name ' * 8}{i}" for i in range(2000))
    page = render(make_report(names=names, kinds=("numeric", "category") * 1000))
    assert len(page.encode()) < LIMIT
    assert page.count('<svg class="overlay"') == html.DRAWN
    assert "1,000 more columns" in page
    assert "further 960 columns" in page


def test_a_report_of_nothing_renders(make_report) -> None:
    page = render(make_report(scores={}, names=(), kinds=(), rules=(), candidates=()))
    assert "Not measured" in page
    assert "Methods that were weighed" not in page


def test_the_page_claims_no_privacy(page) -> None:
    shown = Page(page).shown().lower()
    assert "no excess copying found" in shown
    assert "anonym" not in shown
    assert "no differential-privacy guarantee is claimed" in shown


def test_the_vendored_library_is_the_one_written_down() -> None:
    packed = offline.asset_bytes(html.ECHARTS)
    readme = offline.asset("README.md")
    assert hashlib.sha256(packed).hexdigest() in readme
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() in readme
    assert b"Licensed to the Apache Software Foundation" in gzip.decompress(packed)[:200]
