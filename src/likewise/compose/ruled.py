"""A generator around a generator: every rule holds in every row that comes out.

Rules are kept by construction where possible: the columns they fix are left out of learning and
computed from the others afterwards. What no construction covers is drawn again, and then mended,
in bounded tries. ``certificate`` counts the violations that are left: none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from likewise.compose.keeper import Keeper
from likewise.compose.planning import plan
from likewise.compose.request import Request, understand
from likewise.compose.soundness import keeping_rows, refuse_contradictions
from likewise.compose.steps import Step
from likewise.compose.unique import Distinct
from likewise.core.artifact import storable
from likewise.core.errors import ConfigError
from likewise.core.run import Run
from likewise.core.seeds import Seed
from likewise.data.reference import Reference
from likewise.data.rules import NotNull, Range, Rule, Unique
from likewise.data.schema import NUMBERS, TEMPORAL, Column, Kind, Schema
from likewise.data.table import Table, concat
from likewise.execution.threads import ordered_map


@storable
@dataclass(frozen=True)
class RuledModel:
    """A fitted generator, and what keeps its rows to the rules.

    Attributes:
        inner: the model of the learned columns: a table model, or one that was chosen.
        steps: constructions, in the order in which columns are rebuilt.
        schema: the schema of what is sampled.
        rules: the rules that every sample keeps.
        references: what each rule remembers of the training data.
        remarks: what was done for which rule.
        rows: training rows N; the default number to sample.
    """

    inner: Any
    steps: tuple[Step, ...]
    schema: Schema
    rules: tuple[Rule, ...]
    references: tuple[Reference | None, ...]
    remarks: tuple[str, ...]
    rows: int

    @property
    def recipe(self) -> Any:
        """The settings the inner generator was fitted with."""
        return self.inner.recipe

    @property
    def spent(self) -> Any:
        """Privacy paid by the inner generator; rules learn from the data without a guarantee."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learned or was protected, and how each rule is kept."""
        return (*self.inner.notes, *self.remarks)

    def sample(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        where: str | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> Table:
        """Draw ``rows`` rows that keep every rule; see ``blocks``."""
        parts = self.blocks(rows, seed=seed, given=given, where=where, workers=workers, **options)
        return concat(list(parts))

    def blocks(
        self,
        rows: int,
        *,
        seed: Seed | int | None = None,
        given: Table | None = None,
        where: str | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> Iterator[Table]:
        """The rows of ``sample`` block by block, in bounded memory; at least one block.

        Args:
            rows: how many, 0 or more.
            seed: the same seed gives the same rows, whatever the number of workers.
            given: columns that are fixed: one row for each row drawn, or a single row for all.
            where: a condition that every row meets, on any column.
            workers: threads; all cores by default.
            options: for the inner model, such as ``tell``.

        Raises:
            ConfigError: given values or a condition that a rule forbids; names the rule.
            DataError: a rule that the generator cannot keep, such as more distinct rows than
                there are.

        Cost: the inner model's, plus O(N) for each rule; 8 bytes a row for each uniqueness rule.
        """
        if rows < 0:
            raise ConfigError("rows", f"{rows} asked for", "Ask for 0 rows or more")
        seed = Seed.of(seed)
        request = understand(
            self.steps,
            self.schema,
            self.inner.schema,
            rows=rows,
            given=given,
            where=where,
            rng=seed.stream("given"),
            rules=self.rules,
        )
        asked = {name: value for name, value in options.items() if value is not None}
        if request.given is not None:
            asked["given"] = request.given
        if request.where is not None:
            asked["where"] = request.where
        drawn = self.inner.blocks(rows, seed=seed, workers=workers, **asked)
        return self._blocks(drawn, request, seed, workers)

    def _blocks(
        self, drawn: Iterator[Table], request: Request, seed: Seed, workers: int | None
    ) -> Iterator[Table]:
        keeper = Keeper(
            self.inner, self.steps, self.schema, self.rules, self.references, request, seed
        )
        finished = ordered_map(
            lambda item: (item[0], item[1], keeper.finish(*item)), _placed(drawn), workers=workers
        )
        keys = {column.name for column in self.schema.columns if column.kind is Kind.KEY}
        rules = [rule for rule in self.rules if isinstance(rule, Unique)]
        rules = [rule for rule in rules if not set(rule.columns) & keys]  # the codec's own work
        distinct = Distinct(keeper, rules)
        for index, start, table in finished:
            yield distinct.made(index, start, table) if rules else table


def fit_ruled(
    recipe: Any,
    table: Table,
    rules: Sequence[Rule],
    *,
    seed: Seed | int | None = None,
    run: Run | None = None,
) -> RuledModel:
    """Fit ``recipe`` on what the rules leave open.

    Args:
        recipe: any recipe of a table generator, ``auto`` included.
        table: N training rows. Rows that break a rule are left out, up to 1 % of them.
        rules: what every sampled row has to keep.
        seed: the same seed gives the same model.
        run: whom the inner generator tells, and what it may use.

    Raises:
        SchemaError: rules that contradict each other or the data; names the rule and the number
            of rows that break it.
    """
    rules = tuple(dict.fromkeys(rules))
    refuse_contradictions(table.schema, rules)
    kept, left_out = keeping_rows(table, rules)
    planned = plan(kept, rules)
    inner = recipe.fit(
        reduced(kept, planned.steps, rules),
        seed=Seed.of(seed),
        run=run,
    )
    return RuledModel(
        inner=inner,
        steps=planned.steps,
        schema=table.schema,
        rules=rules,
        references=planned.references,
        remarks=(*left_out, *planned.notes),
        rows=table.rows,
    )


def reduced(table: Table, steps: Sequence[Step], rules: Sequence[Rule]) -> Table:
    """The columns to learn: made ones left out, extra ones in the place of the first of them."""
    maker = {name: step for step in steps for name in step.makes}
    columns: list[Column] = []
    arrow = table.arrow.select([])
    placed: set[str] = set()
    for column in table.schema.columns:
        step = maker.get(column.name)
        new, values = _bounded(column, rules), table.arrow.column(column.name)
        if step is not None:
            pair = None if step.extra in placed else step.reduce(table)
            if pair is None:
                continue
            new, values = pair
            placed.add(new.name)
        columns.append(new)
        arrow = arrow.append_column(new.name, values)
    names = {column.name for column in columns}
    target = table.schema.target if table.schema.target in names else None
    return Table(arrow, Schema(columns=tuple(columns), target=target))


def _bounded(column: Column, rules: Sequence[Rule]) -> Column:
    """The column with the bounds that rules give it, so that learning keeps to them."""
    update: dict[str, Any] = {}
    for rule in rules:
        if isinstance(rule, NotNull) and rule.column == column.name:
            update["nullable"] = False
        if isinstance(rule, Range) and rule.column == column.name:
            for field, value in (("minimum", rule.low), ("maximum", rule.high)):
                fits = column.kind in (TEMPORAL if isinstance(value, str) else NUMBERS)
                if value is not None and fits and getattr(column, field) is None:
                    update[field] = value
    return column.model_copy(update=update) if update else column


def _placed(blocks: Iterator[Table]) -> Iterator[tuple[int, int, Table]]:
    """Each block with its number and the position of its first row."""
    start = 0
    for index, block in enumerate(blocks):
        yield index, start, block
        start += block.rows
