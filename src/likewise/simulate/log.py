"""Event logs: rows that rules emit, gathered in chunks and handed on, in bounded memory."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from likewise.core.errors import ConfigError
from likewise.core.registry import suggest
from likewise.simulate.form import Form
from likewise.simulate.sinks import Memory, Sink

Array = np.ndarray
CHUNK = 1 << 18  # rows handed on at a time; part of what makes files reproducible


class Log:
    """Rows of what happened.

    Rows are kept in typed buffers of 262,144 and leave, chunk by chunk, for a sink: memory, or a
    Parquet file. ``id`` numbers them from 0 on, if ``form`` names a key for it.

    Args:
        form: labels, references, hidden columns; by default without a key.
        columns: the type of each: ``float``, ``int``, ``bool`` or a NumPy dtype.
    """

    def __init__(self, *, form: Form | None = None, **columns: Any) -> None:
        self.form = form or Form(key="")
        types = {"id": np.dtype(np.int64)} if self.form.key else {}
        for name, kind in columns.items():
            types[name] = np.dtype(kind)
            if types[name].kind not in "biuf" or name == "id":
                hint = "Give float, int or bool, and another name than id"
                raise ConfigError(f"log, column {name!r}", f"of type {types[name]}", hint)
        if not columns:
            raise ConfigError("log", "without columns", "Name them: Log(step=int, agent=int)")
        self._buffer = {name: np.empty(CHUNK, kind) for name, kind in types.items()}
        self._filled = 0
        self._chunks = 0
        self._sink: Sink = Memory()

    @property
    def rows(self) -> int:
        """Rows so far."""
        return self._chunks * CHUNK + self._filled

    @property
    def chunks(self) -> int:
        """Chunks that have left for the sink."""
        return self._chunks

    def __len__(self) -> int:
        return self.rows

    def emit(self, **columns: Any) -> None:
        """Append rows: (N,) values for each column, or one value for all.

        A column without a name is not known, one without a value is refused; so are arrays of
        different lengths. Cost: a copy.
        """
        arrays = self._arrays(columns)
        count = max((len(a) for a in arrays.values() if a.ndim), default=1)
        if "id" in self._buffer:
            arrays["id"] = np.arange(self.rows, self.rows + count)
        done = 0
        while done < count:
            part = min(count - done, CHUNK - self._filled)
            place = slice(self._filled, self._filled + part)
            for name, values in arrays.items():
                self._buffer[name][place] = values[done : done + part] if values.ndim else values
            self._filled += part
            done += part
            if self._filled == CHUNK:
                self._sink.write(self._table(CHUNK))
                self._chunks += 1
                self._filled = 0

    def _arrays(self, columns: Mapping[str, Any]) -> dict[str, Array]:
        wanted = [name for name in self._buffer if name != "id"]
        for name in columns:
            if name not in wanted:
                hint = suggest(name, wanted)
                raise ConfigError(f"log, column {name!r}", "no such column", hint)
        arrays = {}
        for name in wanted:
            if name not in columns:
                raise ConfigError(f"log, column {name!r}", "rows without a value", "Give it")
            arrays[name] = np.asarray(columns[name])
        lengths = {len(array) for array in arrays.values() if array.ndim}
        if len(lengths) > 1:
            found = f"columns of {' and '.join(f'{n:,}' for n in sorted(lengths))} rows at once"
            raise ConfigError("log", found, "Give as many values for each")
        return arrays

    def empty(self) -> pa.Table:
        """Its columns without a row."""
        return self._table(0)

    # ---- what a run does with it

    def send_to(self, sink: Sink) -> None:
        """Hand the chunks that are to come to ``sink``."""
        self._sink = sink

    def end(self) -> Sink:
        """Hand on what is left; the sink holds all rows now."""
        if self._filled or not self._chunks:  # of a log without rows its columns are told
            self._sink.write(self._table(self._filled))
        self._sink.close()
        return self._sink

    def pending(self) -> dict[str, Array]:
        """The rows that have not left yet; copies."""
        return {name: buffer[: self._filled].copy() for name, buffer in self._buffer.items()}

    @classmethod
    def restore(cls, chunks: int, pending: Mapping[str, Array], form: Form) -> "Log":
        """The log with this many chunks gone to its sink, and these rows pending."""
        made = cls(form=form, **{n: a.dtype for n, a in pending.items() if n != "id"})
        made._filled, made._chunks = len(next(iter(pending.values()))), chunks
        for name, values in pending.items():
            made._buffer[name][: made._filled] = values
        return made

    def _table(self, rows: int) -> pa.Table:
        columns = {name: buffer[:rows].copy() for name, buffer in self._buffer.items()}
        return self.form.arrow(columns)
