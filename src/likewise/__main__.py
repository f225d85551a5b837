"""``likewise`` and ``python -m likewise``: Ctrl-C is answered from the first line that runs here.

Before that line Python itself starts and finds this file (10 to 20 ms); what it says to Ctrl-C
then, a traceback of its own modules at worst, no program can change. So nothing is imported here,
and hardly anything in ``likewise/__init__.py``, before the handler stands.
"""

import _signal  # type: ignore[import-not-found]  # the C part: signal takes milliseconds for enums
import os


def main() -> None:
    """Run the command line; until that is imported, leave at once when asked to."""
    for number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(number, _leave)
    from likewise.cli.main import main as run

    run()


def _leave(*_: object) -> None:
    """Nothing has been begun, so there is nothing to clean up; importing may not be unwound."""
    os.write(2, b"likewise: cancelled; nothing was left half-written.\n")
    os._exit(6)


if __name__ == "__main__":
    main()
