"""A market with a limit order book: what is conserved, what its tables say, its facts."""

import numpy as np
import pyarrow as pa
import pytest

from likewise.core.errors import ConfigError
from likewise.core.params import build
from likewise.core.seeds import Seed
from likewise.data.integrity import check_integrity
from likewise.simulate import checkpoint
from likewise.simulate.engine import Simulation
from likewise.simulate.facts import measured
from likewise.simulate.market_book_facts import facts_of_book
from likewise.simulate.market_impact import minute_impact, order_impact, parent_impact
from likewise.simulate.model import plain
from likewise.simulate.order_book import OrderBook

SMALL = OrderBook(agents=80, minutes=120)


@pytest.fixture(scope="module")
def run():
    return SMALL.run(3, seed=1)  # invariants are checked after each day


@pytest.fixture(scope="module")
def frames(run):
    return {name: run.table(name).to_pandas() for name in run.names}


def test_what_agents_hold_follows_from_the_trades(frames):
    agents, trades = frames["agents"].set_index("agent_id"), frames["trades"]
    bought = trades.groupby("buyer_id")["size"].sum().reindex(agents.index, fill_value=0)
    sold = trades.groupby("seller_id")["size"].sum().reindex(agents.index, fill_value=0)
    assert (agents.shares == agents.initial + bought - sold).all()
    worth = trades["price"] * trades["size"]
    paid = worth.groupby(trades.buyer_id).sum().reindex(agents.index, fill_value=0)
    got = worth.groupby(trades.seller_id).sum().reindex(agents.index, fill_value=0)
    start = 1000 * SMALL.price
    assert np.allclose(agents.cash, start - paid + got)
    last = trades.price.iloc[-1]
    assert np.allclose(agents.profit, got - paid + (bought - sold) * last)
    assert agents.profit.sum() == pytest.approx(0, abs=1e-4)


def test_bars_are_the_trades_of_their_minutes(frames):
    bars, trades = frames["bars"].set_index(["day", "minute"]), frames["trades"]
    trades = trades.assign(minute=(trades.seconds // 60).astype(int))
    grouped = trades.groupby(["day", "minute"])
    traded = bars[bars.trades > 0]
    assert (traded.volume == grouped["size"].sum()).all()
    for column, how in (("open", "first"), ("high", "max"), ("low", "min"), ("close", "last")):
        assert np.allclose(traded[column], grouped["price"].agg(how))
    quiet = bars[bars.trades == 0]
    assert (quiet.open == quiet.close).all()
    assert not quiet.volume.any()


def test_quotes_do_not_cross_and_their_levels_are_in_order(frames):
    quotes = frames["quotes"]
    assert (quotes.bid_1 < quotes.ask_1).all()
    for i in range(1, 5):
        assert not (quotes[f"bid_{i}"] <= quotes[f"bid_{i + 1}"]).any()
        assert not (quotes[f"ask_{i}"] >= quotes[f"ask_{i + 1}"]).any()
    assert (quotes.bid_size_1 > 0).all()


def test_orders_come_in_order_of_time_and_cancels_name_a_limit_order_of_the_same_agent(frames):
    orders = frames["orders"]
    assert (orders.groupby("day").seconds.diff().dropna() >= 0).all()
    cancels = orders[orders.action == "cancel"]
    target = orders.set_index("order_id").loc[cancels.cancels.astype(int)]
    assert (target.action == "limit").all()
    assert (target.agent_id.to_numpy() == cancels.agent_id.to_numpy()).all()
    assert cancels.cancels.is_unique
    assert orders.cancels[orders.action != "cancel"].isna().all()


def test_a_parent_order_is_what_its_agent_sent_at_the_market_in_the_meantime(frames):
    parents, orders, trades = (frames[name] for name in ("parents", "orders", "trades"))
    at = orders.day * 1e6 + orders.seconds
    traded = trades.groupby("order_id").agg(size=("size", "sum"), middle=("middle", "first"))
    assert len(parents) > 100
    for row in parents.iloc[::7].itertuples():
        begin, end = row.day * 1e6 + row.seconds, row.end_day * 1e6 + row.end_seconds
        mine = (orders.agent_id == row.agent_id) & (at >= begin) & (at <= end)
        parts = orders[mine & (orders.action == "market")]
        assert len(parts) == row.parts
        assert (parts.side == row.side).all()
        assert traded["size"].reindex(parts.order_id, fill_value=0).sum() == row.size
        if parts.order_id.iloc[0] in traded.index:
            assert traded.middle[parts.order_id.iloc[0]] == row.middle


def test_trades_tell_the_middle_before_the_order_came(frames):
    trades = frames["trades"]
    above = np.where(trades.side == "buy", 1, -1) * (trades.price - trades.middle)
    assert (above > 0).all()
    assert (trades.groupby("order_id").middle.nunique() == 1).all()


def test_where_a_side_runs_dry_the_price_does_not_fall_to_the_next_order_wherever_it_is():
    for seed in (1, 2):
        run = OrderBook(noise_rate=12.0, cancel_rate=0.5, refill=0.0).run(8, seed=seed)
        trades, tick = run.table("trades").to_pandas(), OrderBook().tick
        steps = np.abs(np.diff((trades.price / tick).round().astype(int)))
        assert 5 < steps.max() <= 3 * OrderBook().collar


def test_every_reference_leads_somewhere(run):
    database = run.database()
    assert check_integrity(database).violations == 0
    relations = {str(relation) for relation in database.schema.relations}
    assert "parents (agent_id) → agents (agent_id)" in relations
    assert "trades (standing_id) → orders (order_id)" in relations
    assert "orders (cancels) → orders (order_id)" in relations


def test_the_same_seed_gives_the_same_tables_and_another_one_others(run):
    again, other = SMALL.run(3, seed=1), SMALL.run(3, seed=2)
    for name in run.names:
        assert again.table(name).equals(run.table(name))
    assert not other.table("trades").equals(run.table("trades"))


def test_rows_do_not_depend_on_how_many_are_kept_at_a_time(run, monkeypatch):
    monkeypatch.setattr("likewise.simulate.market_floor.ROWS", 300)
    again = SMALL.run(3, seed=1)
    for name in run.names:
        assert again.table(name).equals(run.table(name))


def test_a_day_goes_on_from_a_checkpoint_as_if_nothing_had_been(tmp_path):
    one, two = Simulation.begin(SMALL, Seed(4)), Simulation(SMALL, Seed(4))
    one.advance()
    checkpoint.save(one, tmp_path / "day")
    checkpoint.restore(two, tmp_path / "day")
    for simulation in (one, two):
        simulation.advance()
    for name in ("levels", "slots", "live", "top", "quote", "mind"):
        assert np.array_equal(one.world.parts[name], two.world.parts[name])
    assert np.array_equal(one.world.agents.ticks, two.world.agents.ticks)


def test_by_default_facts_lie_in_their_bands_on_two_of_three_seeds():
    market, held = OrderBook(), {}
    for seed in (1, 2, 3):
        tables = plain(market.run(20, seed=seed, check="never").tables())  # as the page
        for fact in measured(market, tables):
            held.setdefault(fact.name, []).append(fact.inside is not False)
    assert {"kurtosis", "hill", "abs_acf_1", "abs_acf_100", "sign_memory"} <= set(held)
    assert not {name for name, inside in held.items() if sum(inside) < 2}


def test_fundamentalists_alone_keep_the_price_at_value():
    steady = {"institution_rate": 0.0, "noise_rate": 10.0, "attention": 0.0, "bias": 50.0}
    apart = {}
    for rate in (0.0, 20.0):
        market = OrderBook(**steady, agents=60, speculator_rate=rate, disagreement=2.0)
        series = market.run(10, seed=5, check="never").series.to_pandas()
        middle = (series.bid + series.ask) / 2
        apart[rate] = np.abs(np.log(middle / series.value)).mean()
    assert apart[20.0] < 0.0005 < apart[0.0]


def test_patient_institutions_give_signs_of_trades_a_longer_memory():
    memory = {}
    for split in (1.3, 4.0):
        run = OrderBook(split=split, agents=100).run(4, seed=6, check="never")
        memory[split] = facts_of_book({"trades": plain(run.tables())["trades"]})["sign_acf_10"]
    assert memory[1.3] > 2 * max(memory[4.0], 0.01)


def test_sign_memory_of_independent_signs_is_none_and_impact_of_a_square_root_is_one_half():
    rng = np.random.default_rng(7)
    n, days, minutes = 60_000, 20, 100
    day, second = np.sort(rng.integers(0, days, n)), rng.uniform(0, 60 * minutes, n)
    second = second[np.lexsort((second, day))]
    side, size = rng.choice(["buy", "sell"], n), rng.integers(1, 100, n)
    trades = pa.table({
        "day": day, "seconds": second, "price": np.ones(n), "side": side, "size": size,
    })  # fmt: skip
    at = day * minutes + (second // 60).astype(int)
    flow = np.bincount(at, np.where(side == "buy", 1, -1) * size, minlength=days * minutes)
    close = np.exp(np.cumsum(1e-4 * np.sign(flow) * np.sqrt(np.abs(flow))))
    place = np.arange(days * minutes)
    bars = pa.table({"day": place // minutes, "minute": place % minutes, "close": close})
    facts = facts_of_book({"trades": trades, "bars": bars})
    assert facts["impact"] == pytest.approx(0.5, abs=0.03)
    assert abs(facts["sign_acf_10"]) < 0.02


def test_impact_of_orders_and_of_large_orders_is_found_again():
    rng = np.random.default_rng(11)
    n = 20_000
    side, size = rng.choice([-1, 1], n), np.exp(rng.normal(5, 1.5, n)).astype(int) + 1
    move = 1e-4 * side * size**0.3 + 1e-4 * rng.normal(size=n)
    middle = 100 * np.exp(np.r_[0, np.cumsum(move)[:-1]])
    words = np.where(side > 0, "buy", "sell")
    trades = pa.table({
        "day": np.zeros(n, int), "order_id": np.arange(n), "side": words, "size": size,
        "middle": middle,
    })  # fmt: skip
    parents = pa.table({
        "side": words, "parts": np.full(n, 9), "size": size, "middle": np.full(n, 100.0),
        "end_middle": 100 * np.exp(1e-4 * side * np.sqrt(size) + 1e-4 * rng.normal(size=n)),
    })  # fmt: skip
    assert order_impact(trades) == pytest.approx(0.3, abs=0.02)
    assert parent_impact(parents) == pytest.approx(0.5, abs=0.02)
    few = parents.set_column(1, "parts", pa.array(np.full(n, 2)))
    assert np.isnan(parent_impact(few))


def test_trades_of_days_without_bars_do_not_count():
    rng, minutes, count = np.random.default_rng(0), 390, 6_000
    trades = pa.table({
        "day": np.sort(rng.integers(1, 5, count)), "seconds": rng.uniform(0, 60 * minutes, count),
        "side": rng.choice(["buy", "sell"], count), "size": rng.integers(1, 100, count),
    })  # fmt: skip
    inside = trades.filter(pa.array(np.isin(trades["day"].to_numpy(), [2, 3])))
    at = (inside["day"].to_numpy() - 2) * minutes + inside["seconds"].to_numpy() // 60
    signed = np.where(inside["side"].to_numpy() == "buy", 1, -1) * inside["size"].to_numpy()
    move = 1e-5 * np.bincount(at.astype(int), signed, minlength=2 * minutes)  # a linear impact
    bars = pa.table({
        "day": np.repeat([2, 3], minutes), "minute": np.tile(np.arange(minutes), 2),
        "close": 100 * np.exp(np.cumsum(move)),
    })  # fmt: skip
    assert minute_impact(trades, bars) == minute_impact(inside, bars) == pytest.approx(1.0)


def test_limit_orders_lean_against_the_flow_of_trades():
    against = {}
    for refill in (0.0, 2.0):
        run = OrderBook(refill=refill).run(3, seed=12, check="never")
        orders, trades = run.table("orders").to_pandas(), run.table("trades").to_pandas()
        takers = trades.drop_duplicates("order_id")
        flow = np.where(takers.side == "buy", 1, -1).cumsum()
        place = np.searchsorted(takers.order_id, orders.order_id)
        noise = run.table("agents").to_pandas().set_index("agent_id").kind == "noise"
        own = (orders.action == "limit") & (place > 100) & orders.agent_id.map(noise)
        last = (flow[place[own] - 1] - flow[place[own] - 51]) / 50
        sells = np.where(orders.side[own] == "sell", 1, -1)
        against[refill] = np.corrcoef(sells, last)[0, 1]
    assert abs(against[0.0]) < 0.03
    assert against[2.0] > 0.1


def test_news_from_outside_makes_volatility_cluster_without_attention():
    memory = {}
    for interest in (0.0, 1.0):
        market = OrderBook(attention=0.0, shape=0.0, interest=interest)
        bars = plain(market.run(10, seed=13, check="never").tables())["bars"]
        memory[interest] = market.facts({"bars": bars})["abs_acf_20"]
    assert memory[1.0] > max(memory[0.0], 0.0) + 0.03


def test_waiting_times_of_a_poisson_process_have_shape_one():
    rng = np.random.default_rng(8)
    seconds = np.cumsum(rng.exponential(size=20_000))
    orders = pa.table({
        "day": np.zeros(20_000, int), "seconds": seconds, "size": np.full(20_000, 100),
        "action": ["limit", "cancel"] * 10_000,
    })  # fmt: skip
    facts = facts_of_book({"orders": orders})
    assert facts == {"waiting_shape": pytest.approx(1, abs=0.03), "cancelled": 1, "round_sizes": 1}


def test_agents_may_be_given_with_their_kinds_and_holdings():
    kinds = ["noise"] * 30 + ["maker"] * 3 + ["speculator"] * 20 + ["institution"] * 7
    given = pa.table({"kind": kinds, "shares": [500] * 60, "city": ["A", "B"] * 30})
    run = OrderBook(agents=60, minutes=60).run(1, seed=9, given={"agents": given})
    agents = run.table("agents").to_pandas()
    assert list(agents.kind) == kinds
    assert list(agents.city) == ["A", "B"] * 30
    assert (agents.initial == 500).all()
    makers = set(agents.agent_id[agents.kind == "maker"])
    orders = run.table("orders").to_pandas()
    assert makers <= set(orders.agent_id)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"kind": ["noise"] * 60}, "not one of each kind"),
        ({"kind": ["broker", "noise"] * 30}, "other than the kinds"),
        ({"shares": [-5.0] * 60}, "0 or more"),
        ({"profit": list(range(60))}, "of the order book's own"),
    ],
)
def test_agents_that_cannot_be_are_refused(table, said):
    with pytest.raises(ConfigError, match=said):
        OrderBook(agents=60).run(1, seed=1, given={"agents": pa.table(table)})


@pytest.mark.parametrize(
    "setting",
    [{"agents": 3}, {"attention": 1.0}, {"cancel_rate": 0.0},
     {"minutes": 3}, {"speculators": 2.0}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(setting):
    with pytest.raises(ConfigError):
        build(OrderBook, setting)


@pytest.mark.parametrize(
    ("setting", "said"),
    [({"agents": 9, "makers": 6}, "9 for 10 makers"), ({"price": 0.05}, "a price of 5 ticks")],
)
def test_settings_that_do_not_fit_each_other_are_refused(setting, said):
    with pytest.raises(ConfigError, match=said):
        OrderBook(**setting).run(1, seed=1)
