"""What the name of a column says of the key it holds."""

import pytest

from likewise.data.likeness import HINT, LIKE, SAME, cut, cut_columns, likeness, named_after


@pytest.mark.parametrize(
    ("column", "table", "key", "least", "most"),
    [
        ("customer_id", "customers", "customer_id", SAME, SAME),
        ("CustomerID", "Customer", "CustomerId", SAME, SAME),
        ("year.key", "Teams", "yearID", SAME, SAME),
        ("district_id", "district", "A1", LIKE, SAME),
        ("store", "stores", "id", LIKE, SAME),
        ("category_id", "categories", "id", LIKE, SAME),
        ("bill_to_customer_id", "customers", "customer_id", LIKE, LIKE),
        ("teamIDwinner", "Teams", "teamID", LIKE, LIKE),
        ("home_team_id", "teams", "id", LIKE, LIKE),
        ("order_date", "calendar", "date", LIKE, LIKE),
        ("id_cliente", "cliente", "id_cliente", SAME, SAME),
        ("fk_customer", "customers", "id", LIKE, SAME),
        ("userid", "users", "id", LIKE, SAME),
        ("ShipVia", "Shippers", "ShipperID", HINT, HINT),
        ("Größe_id", "Größen", "größe_id", SAME, SAME),
        ("élève_id", "e\u0301le\u0300ve", "id", LIKE, SAME),  # as some file systems spell it
        ("GRÖSSE_ID", "Grösse", "id", LIKE, SAME),
        ("покупатель_id", "Покупатель", "id", LIKE, SAME),
        ("id", "patients", "id", 0, 0),
        ("product_type_id", "products", "product_id", 0, 0),
        ("customers", "customers", "id", 0, 0),
        ("order_quantity", "orders", "order_id", 0, 0),
        ("store_count", "stores", "store", 0, 0),
        ("origin", "airports", "faa", 0, 0),
    ],
)
def test_a_name_says_as_much_as_a_reader_would_make_of_it(column, table, key, least, most):
    assert least <= likeness(cut(column), cut(table), cut(key)).score <= most


def test_within_a_table_only_the_name_of_a_role_will_do():
    def within(column):
        return likeness(cut(column), cut("employees"), cut("employee_id"), same_table=True).score

    assert within("ReportsTo") >= HINT
    assert within("manager_id") >= HINT
    assert within("spouse_employee_id") == LIKE
    assert within("employee_no") == 0
    assert within("salary") == 0


def test_a_key_is_named_after_its_table_or_not_at_all():
    assert named_after(cut("id"), cut("orders"))
    assert named_after(cut("OrderID"), cut("Orders"))
    assert not named_after(cut("customer_id"), cut("orders"))
    assert not named_after(cut("order"), cut("orders"))


def test_a_short_prefix_that_all_columns_share_stands_for_the_table_and_says_nothing():
    lines = cut_columns(["l_orderkey", "l_quantity"])
    orders = cut_columns(["o_orderkey", "o_total"])
    assert likeness(lines["l_orderkey"], cut("orders"), orders["o_orderkey"]).score == SAME
    assert lines["l_quantity"].text == "l_quantity"
    assert cut_columns(["id_order", "id_item"])["id_item"].core == ("item",)
    assert cut_columns(["bill_no", "bill_day"])["bill_day"].core == ("bill", "day")
