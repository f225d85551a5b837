"""References that no owner gives: learned as a column of the child, and resolved among rows.

Of each child is learned whether it refers to anything, to what group of parents, and, where
siblings are in order, whether to the same one as the sibling before. A reference to the child's own
table is learned by how many steps it lies below a row that refers to none, so no circle can arise.

Shapes: N children, M parents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from likewise.compose.codes import codes_of, common_codes
from likewise.compose.gaps import Absent, gone_of_themselves
from likewise.compose.groups import Groups
from likewise.compose.matching import NONE, match, without_repeats
from likewise.core.artifact import storable
from likewise.data.reference import MISSING, UNKNOWN
from likewise.data.schema import Column, Kind
from likewise.data.table import Table

Array = np.ndarray
Rng = np.random.Generator
Columns = Mapping[str, pa.Array]

GONE = "gone"  # the group of children whose parent is not there


@storable
@dataclass(frozen=True)
class Chosen:
    """One reference.

    Attributes:
        relation: its position in the schema's relations.
        columns: the columns that refer.
        to: the key they refer to.
        read: those of ``columns`` that are known before, by owner, other references or learning.
        frozen: those of ``read`` that must stay as they are.
        group: the name of the learned column; None if all columns are frozen.
        again: the name of the learned column that says whether it repeats; None if not learned.
        inside: whether it refers to its own table.
        groups: groups of parents; None where there are none.
        itself: whether each parent is a group of its own, as its rows are kept as they are.
        used: share of parents that have children.
        lost: share of children whose parent is not there.
        gaps: different parents that are not there, for each such child.
        nullable: whether it may refer to nothing.
    """

    relation: int
    columns: tuple[str, ...]
    to: tuple[str, ...]
    read: tuple[str, ...]
    frozen: tuple[str, ...]
    group: str | None
    again: str | None
    inside: bool
    groups: Groups | None
    itself: bool
    used: float
    lost: float
    gaps: float
    nullable: bool

    @property
    def told(self) -> tuple[str, ...]:
        """The names of the columns that are learned for it."""
        return tuple(name for name in (self.group, self.again) if name is not None)

    @property
    def spelled(self) -> bool:
        """Whether it is of several columns, all known before, so that children spell it out."""
        return len(self.columns) > 1 and set(self.read) == set(self.columns)

    def labels(self, place: Array, parents: Table) -> pa.Array:
        """The group column of real children."""
        codes = depths(place) if self.inside else self._group_of(place, parents)
        texts = pa.array(codes).cast(pa.string())
        gone = pa.array(place == UNKNOWN)
        none = pa.array((place == MISSING) | (self.inside & (place < 0)))
        texts = pa.compute.if_else(gone, GONE, texts)
        return pa.compute.if_else(none, pa.scalar(None, pa.string()), texts)

    def _group_of(self, place: Array, parents: Table) -> Array:
        return np.asarray(self._groups(parents)[np.maximum(place, 0)])

    def _groups(self, parents: Table) -> Array:
        """The group of each parent; (M,) int64."""
        if self.itself:
            return np.arange(parents.rows)
        if self.groups is None:
            return np.zeros(parents.rows, dtype=np.int64)
        return self.groups.of(parents)

    def resolve(
        self,
        child: Columns,
        follows: Array,
        parent: Columns,
        parents: Table,
        wanted: Array,
        rng: Rng,
    ) -> tuple[Array, tuple[Array, Array]]:
        """The row of the parent of each child, -1 for none, -2 for one that is not there.

        Args:
            child: finished columns of the children, and those that were learned for this.
            follows: (N,) bool, children with a sibling before them.
            parent: finished columns of the parents.
            parents: the learned columns of the parents.
            wanted: (M,) how many children each parent is to have.
            rng: of the choice.

        Returns:
            (N,) int64, and the cell in which each was looked for with that of each parent, (N,)
            and (M,) int64.
        """
        if self.group is None:
            known = self._cells(child, parent, self.columns)
            return match(*known, wanted, rng), known
        group = child[self.group]
        none = np.asarray(group.is_null())
        gone = np.asarray(pa.compute.equal(group, GONE).fill_null(False))
        texts = pa.compute.if_else(pa.array(none | gone), "0", group)
        mine = np.asarray(texts.cast(pa.int64()))
        if self.inside:  # depths without a gap, so that each finds rows above it
            _, mine = np.unique(mine, return_inverse=True)
            none = (mine == 0) & ~gone
            theirs, mine = mine, mine - 1
        else:
            theirs = self._groups(parents)
        read = self._cells(child, parent, self.read)
        if self.spelled:
            gone = gone_of_themselves(*read, none, int(gone.sum()), rng)
        width = int(max(read[0].max(initial=0), read[1].max(initial=0))) + 1
        cell, cells = mine * width + read[0], theirs * width + read[1]
        cell[read[0] < 0] = -1
        open_ = ~none & ~gone
        place = self._placed(np.where(open_, cell, -1), cells, child, parent, wanted, rng)
        if self.again is not None:
            repeat = np.asarray(child[self.again].fill_null(False)) & follows & (place >= 0)
            place = self._repeated(place, repeat, read, parent, rng)
        place[gone] = UNKNOWN
        return place, (np.where(open_, cell, -1), cells)

    def wanted(self, counts: Array, parents: Table, rng: Rng) -> Array:
        """How many children each parent is to have; (M,) int64.

        Where so few parents have children that none is known to, as many are picked as there were.
        """
        if counts.sum() or not len(counts):
            return counts
        some = min(max(round(self.used * parents.rows), 1), parents.rows)
        picked = np.zeros(parents.rows, dtype=np.int64)
        picked[rng.permutation(parents.rows)[:some]] = 1
        return picked

    def unlike(
        self,
        place: Array,
        cells: tuple[Array, Array],
        owner: Array,
        child: Columns,
        parent: Columns,
        wanted: Array,
        rng: Rng,
    ) -> Array:
        """The choice of ``resolve`` with repeats within an owner exchanged; (N,) int64.

        Args:
            place: what was chosen.
            cells: in which each was looked for, and those of the parents.
            owner: (N,) a number for all else in the key that must not repeat.
            child: as in ``resolve``, as are all others.
        """
        read = self._cells(child, parent, self.read)
        return without_repeats(place, owner, cells, read, wanted, rng)

    def absent(self, child: Columns, parent: Columns, count: int, rng: Rng) -> dict[str, pa.Array]:
        """The columns of ``count`` children whose parent is not there, as far as there are such.

        Args:
            child: what was read of these children.
            parent: the key of the parents.
            count: children.
            rng: of the choice.
        """
        free = Absent.of([parent[name] for name in self.to], between=True)
        if free is None:
            return {}
        few = rng.permutation(free.free)[: max(round(self.gaps * count), 1)]
        place = np.full(count, NONE)
        for numbers in (few, free.free):
            keys = dict(zip(self.to, free.columns(numbers), strict=True))
            shown = {name: child[name] for name in self.read} or {"": pa.nulls(count)}
            mine, theirs = self._cells(shown, keys, self.read)
            found = match(np.where(place < 0, mine, NONE), theirs, np.ones(len(theirs)), rng)
            place = np.where((place < 0) & (found >= 0), numbers[found], place)
        made = free.columns(np.maximum(place, 0))
        gone = pa.array(place < 0)
        return {
            name: pa.compute.if_else(gone, pa.scalar(None, array.type), array)
            for name, array in zip(self.columns, made, strict=True)
            if name not in self.frozen
        }

    def _placed(
        self, cell: Array, cells: Array, child: Columns, parent: Columns, wanted: Array, rng: Rng
    ) -> Array:
        """A parent for each child: of its cell, or of a larger one where that has none."""
        place = match(cell, cells, wanted, rng)
        for mine, theirs in self._looser(child, parent):
            waiting = np.where((cell >= 0) & (place < 0), mine, NONE)
            place = np.where(waiting >= 0, match(waiting, theirs, wanted, rng), place)
        return place

    def _looser(self, child: Columns, parent: Columns) -> Iterator[tuple[Array, Array]]:
        """Cells that ask for less: no group, then only what is frozen; never a circle."""
        if self.inside:
            return
        yield self._cells(child, parent, self.read)
        if self.frozen != self.read:
            yield self._cells(child, parent, self.frozen)

    def _repeated(
        self, place: Array, repeat: Array, read: tuple[Array, Array], parent: Columns, rng: Rng
    ) -> Array:
        """The choice with repeats filled in from the sibling before."""
        opaque = [self.to[i] for i, name in enumerate(self.columns) if name not in self.read]
        if not self.read:
            source = np.maximum.accumulate(np.where(repeat, 0, np.arange(len(place))))
            return np.asarray(place[source])
        entity = codes_of([parent[name] for name in opaque])
        source = np.maximum.accumulate(np.where(repeat, 0, np.arange(len(place))))
        mine = np.where(place[source] >= 0, entity[place[source]], -1)
        width = int(max(read[0].max(initial=0), read[1].max(initial=0))) + 1
        wish = np.where(repeat & (mine >= 0) & (read[0] >= 0), mine * width + read[0], -1)
        found = match(wish, entity * width + read[1], np.ones(len(entity)), rng)
        return np.where(found >= 0, found, place)

    def _cells(self, child: Columns, parent: Columns, names: Sequence[str]) -> tuple[Array, Array]:
        """A number for the values of some of the columns, on both sides; -1 for a missing one."""
        size = len(next(iter(child.values())))
        there = len(next(iter(parent.values()))) if parent else 0
        mine, theirs = np.zeros(size, dtype=np.int64), np.zeros(there, dtype=np.int64)
        for name in names:
            other = self.to[self.columns.index(name)]
            one, two = common_codes(child[name], parent[other])
            width = int(max(one.max(initial=0), two.max(initial=0))) + 1
            mine = np.where((mine < 0) | (one < 0), -1, mine * width + one)
            theirs = np.where((theirs < 0) | (two < 0), -2, theirs * width + two)
        return mine, theirs


def depths(place: Array) -> Array:
    """How many steps each row lies below one that refers to none; rows of a circle count as 1."""
    depth = np.where(place >= 0, -1, 0)
    for level in range(1, len(place) + 1):
        waiting = np.flatnonzero(depth < 0)
        ready = waiting[depth[place[waiting]] >= 0]
        if not len(ready):
            depth[waiting] = 1
            break
        depth[ready] = level
    return np.asarray(depth, dtype=np.int64)


def group_column(name: str) -> Column:
    """The learned column of a group."""
    return Column(name=name, kind=Kind.CATEGORY)


def again_column(name: str) -> Column:
    """The learned column of a repeat."""
    return Column(name=name, kind=Kind.BOOLEAN, nullable=False)
