"""What the numbers of MySQL's and MariaDB's errors mean."""

from likewise.core.errors import LikewiseError
from likewise.io.sql_session import Refusal, refused
from likewise.io.sql_url import SqlUrl

CODES: dict[int, Refusal] = {
    1045: "password", 1698: "password", 2005: "host", 2003: "unreachable", 2002: "unreachable",
    1049: "database", 1044: "rights", 1142: "rights", 1143: "rights", 1227: "rights",
    1290: "rights", 1792: "rights", 2006: "dropped", 2013: "dropped", 2014: "dropped",
    1927: "dropped", 1053: "dropped", 0: "dropped", 1969: "timeout", 3024: "timeout",
    1205: "locked", 1062: "unique", 1169: "unique", 1452: "reference", 1216: "reference",
    4025: "check", 3819: "check", 1048: "null", 1364: "null", 1406: "length", 1264: "range",
    1265: "range", 1292: "range", 1366: "range", 1021: "full", 1114: "full",
}  # fmt: skip


def told(
    url: SqlUrl, error: Exception, table: str = "", *, declaration: bool = False
) -> LikewiseError:
    """The error of PyMySQL in our words: its own repeat cells."""
    where = f"{url}, table {table!r}" if table else str(url)
    code = error.args[0] if error.args and isinstance(error.args[0], int) else -1
    said = str(error.args[1]) if len(error.args) > 1 else ""
    if code == 2003 and ("Name or service" in said or "getaddrinfo" in said or "Errno -" in said):
        return refused(where, "host")
    if code in CODES:
        return refused(where, CODES[code])
    return refused(where, "other", said=said if declaration else f"code {code}")
