"""What breaks keys and relations is counted, and how children are spread."""

from tests.data.linked_tables import entry, table

from likewise.data.database import Database
from likewise.data.database_schema import DatabaseSchema
from likewise.data.integrity import check_integrity

PARENTS = {"a": [1, 1, 2, 2, 2], "b": ["x", "y", "x", "x", None], "c": [5, 6, 7, None, None]}
CHILDREN = {"a": [1, 1, 1, 2, 2, None, 9], "b": ["x", "x", "y", "x", None, None, "x"],
            "c": [5, 8, None, 5, 6, 6, 6]}  # fmt: skip


def counted(parents, children):
    refers = [(("a", "b"), "parents", ()), (("c",), "parents", ("c",))]
    schema = DatabaseSchema(
        tables=(
            entry("parents", parents, ("a", "b"), unique=(("c",),)),
            entry("children", children, refers=refers),
        )
    )
    tables = {"parents": table(**parents), "children": table(**children)}
    return check_integrity(Database.of(tables, schema))


def test_every_count_is_the_one_made_by_hand():
    found = counted(PARENTS, CHILDREN)
    primary, further = found.keys
    assert (primary.rows, primary.missing, primary.repeated, primary.broken) == (5, 1, 1, 2)
    assert (further.missing, further.repeated, further.broken) == (2, 0, 0)
    joint, single = found.relations
    assert (joint.rows, joint.missing, joint.partial, joint.orphans) == (7, 2, 1, 1)
    assert (joint.found, joint.parents, joint.childless) == (4, 5, 2)
    assert (single.missing, single.partial, single.orphans, single.found) == (1, 0, 1, 5)
    assert dict(zip(joint.children.tolist(), joint.having.tolist(), strict=True)) == {
        0: 2,
        1: 2,
        2: 1,
    }
    assert found.violations == 2 + 1 + 1


def test_children_are_conserved():
    for check in counted(PARENTS, CHILDREN).relations:
        assert int(check.children @ check.having) == check.found
        assert int(check.having.sum()) == check.parents
        assert check.found + check.missing + check.orphans == check.rows


def test_the_sentences_hold_counts_and_no_cell():
    check = counted(PARENTS, CHILDREN).relations[0]
    assert check.describe() == (
        "5 of 7 rows refer to a parent, 1 (20.00 %) of them to one that is not there",
        "rows with a part of the reference only: 1",
        "0.80 children of a parent on average; 2 of 5 parents (40.00 %) have none",
    )


def test_how_many_children_a_single_parent_has_is_not_told():
    children = {"a": [1, 2, 3] + [7] * 997, "b": ["x"] * 1000, "c": [5] * 1000}
    parents = {"a": list(range(1, 10)), "b": ["x"] * 9, "c": [*range(9)]}
    check = counted(parents, children).relations[0]
    assert check.children.max() == 997
    assert "997" not in " ".join(check.describe()) + repr(check)


def test_a_rare_gap_is_never_rounded_to_none_nor_a_rare_parent_to_all():
    n = 20_001
    parents = {"a": list(range(n)), "b": ["x"] * n, "c": [*range(n)]}
    children = {"a": [5] * (n - 1) + [-1], "b": ["x"] * n, "c": [5] * n}
    said = counted(parents, children).relations[0].describe()
    assert "1 (under 0.01 %) of them to one that is not there" in said[0]
    assert "20,000 of 20,001 parents (over 99.99 %) have none" in said[1]


def test_empty_tables_have_nothing_to_break():
    gone = {name: [] for name in PARENTS}
    found = counted(gone, gone)
    assert found.violations == 0
    assert [check.found for check in found.relations] == [0, 0]
