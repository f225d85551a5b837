"""What the networks of ``gan`` know of a table: what to reveal, in which turn, pairs to match.

Only NumPy. Shapes: N rows, C blocks, W options of all blocks, R reals, F features.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from likewise.core.artifact import storable
from likewise.nn.blocks import Blocks
from likewise.nn.mixed import Geometry

Array = np.ndarray

CENTRES = np.linspace(-2.4, 2.4, 12, dtype=np.float32)  # heights of the soft steps of a real
SLOPE = 5.0  # how steep they are
TURNS = 3  # in which the generator draws options
MOST = 384  # features of which pairs are matched
FLOOR = 0.005  # variance added to that of a product before dividing by it
RARE = 0.5  # power of its share by which an option is revealed rather than a commoner one
ROWS = 50_000  # rows from which the moments are taken


@storable
@dataclass(frozen=True)
class Hints:
    """How an option of a row is chosen to be revealed.

    Attributes:
        log_pull: (W,) float32, log of the weight of each option among those of its row.
        chance: (W,) float64, share of rows that reveal each option; sums to 1.
    """

    log_pull: Array
    chance: Array


@storable
@dataclass(frozen=True)
class Moments:
    """Mean products of pairs of features.

    Attributes:
        picked: (F,) int32, places of the features among all.
        mean: (F, F) float32, their mean products over the training rows.
        weight: (F, F) float32, one over the variance of each product.
    """

    picked: Array
    mean: Array
    weight: Array


@storable
@dataclass(frozen=True)
class World:
    """Everything the learner knows of a table."""

    geometry: Geometry
    turn: Array  # (C,) int32, in which turn the generator draws each block
    hints: Hints
    moments: Moments


@dataclass(frozen=True)
class View:
    """The part of the world that drawing needs."""

    geometry: Geometry
    turn: Array


def world_of(geometry: Geometry, options: Array, reals: Array) -> World:
    """The world of these rows; (N, C) and (N, R), both padded."""
    moments = _moments(geometry, options, reals)
    turn = _turns(geometry.options, moments)
    return World(geometry, turn, _hints(geometry, options), moments)


def _hints(geometry: Geometry, options: Array) -> Hints:
    blocks = geometry.options
    places = (options + blocks.offset).astype(np.int64)
    count = np.bincount(places.ravel(), minlength=blocks.width).astype(float)
    share = np.maximum(count, 1) / max(len(options), 1)
    pull = share**-RARE
    choice = (blocks.size > 1) & (blocks.live > 0)
    if not choice.any():
        choice[0] = True
    log_pull = np.where(choice[blocks.segment], np.log(pull), -1e4).astype(np.float32)
    chance = np.zeros(blocks.width)
    for start in range(0, len(places), 8_192):
        part = places[start : start + 8_192]
        weight = np.exp(log_pull[part].astype(float))
        weight /= weight.sum(axis=1, keepdims=True)
        chance += np.bincount(part.ravel(), weight.ravel(), minlength=blocks.width)
    return Hints(log_pull, chance / max(chance.sum(), 1e-30))


def _turns(blocks: Blocks, moments: Moments) -> Array:
    """A turn for each block, so that blocks that tell much of each other have different ones.

    The blocks that tell most of the others choose first: the turn in which they share least.
    """
    inside = moments.picked < blocks.width
    joint = moments.mean[np.ix_(inside, inside)].astype(float)
    owner = blocks.segment[moments.picked[inside]]
    share = np.diag(joint)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 1e-9, joint * np.log(joint / np.outer(share, share)), 0.0)
    shared = np.zeros((blocks.count, blocks.count))
    np.add.at(shared, (owner[:, None], owner[None, :]), terms)
    np.fill_diagonal(shared, 0.0)
    turn = np.full(blocks.count, TURNS - 1, dtype=np.int32)
    done = np.zeros(blocks.count, dtype=bool)
    for i in np.argsort(-shared.sum(axis=1), kind="stable"):
        inside_turn = [shared[i, done & (turn == t)].sum() for t in range(TURNS)]
        turn[i] = int(np.argmin(inside_turn))
        done[i] = True
    return turn


def _moments(geometry: Geometry, options: Array, reals: Array) -> Moments:
    blocks = geometry.options
    count = np.bincount((options + blocks.offset).ravel(), minlength=blocks.width)
    used = (blocks.live[blocks.segment] > 0) & (blocks.size[blocks.segment] > 1)
    count = np.where(used, count, 0)
    room = max(MOST - geometry.reals * (1 + len(CENTRES)), 64)
    common = np.argsort(-count, kind="stable")[: min(room, blocks.width)]
    first = min(geometry.reals * (1 + len(CENTRES)), MOST)
    picked = np.concatenate([np.sort(common), blocks.width + np.arange(first)]).astype(np.int32)
    total, square = (np.zeros((len(picked), len(picked))) for _ in range(2))
    few, some = options[:ROWS], reals[:ROWS]
    for start in range(0, len(few), 8_192):
        x = _features(geometry, few[start : start + 8_192], some[start : start + 8_192])[:, picked]
        total += x.T @ x
        square += (x * x).T @ (x * x)
    mean = total / max(len(few), 1)
    spread = square / max(len(few), 1) - mean**2
    weight = 1 / (np.maximum(spread, 0) + FLOOR)
    return Moments(picked, mean.astype(np.float32), weight.astype(np.float32))


def _features(geometry: Geometry, options: Array, reals: Array) -> Array:
    """As ``gan_net.features``; (N, W + R + 12 R) float32."""
    blocks = geometry.options
    x = np.zeros((len(options), blocks.width + geometry.reals), dtype=np.float32)
    np.put_along_axis(x, (options + blocks.offset).astype(np.int64), 1.0, axis=1)
    x *= np.concatenate([blocks.valid, np.ones(geometry.reals, np.float32)])
    here = (options[:, geometry.block] == geometry.option) * geometry.live
    x[:, blocks.width :] = reals * here
    steps = expit((reals[:, :, None] - CENTRES) * np.float32(SLOPE)) * here[:, :, None]
    return np.concatenate([x, steps.reshape(len(x), -1)], axis=1).astype(np.float32)
