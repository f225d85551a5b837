"""What breaks keys and relations is counted, and how children are spread."""

import numpy as np
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
        "1 rows have a part of the reference only",
        "children of a parent: 0 to 2, 0.80 on average; 2 of 5 parents (40.00 %) have none",
    )


def test_empty_tables_have_nothing_to_break():
    empty = {name: np.array(cells)[:0].tolist() for name, cells in PARENTS.items()}
    gone = {"a": [], "b": [], "c": []}
    assert empty == gone
    found = counted(gone, gone)
    assert found.violations == 0
    assert [check.found for check in found.relations] == [0, 0]
