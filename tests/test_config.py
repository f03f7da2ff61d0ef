from typing import Annotated, Literal

import pytest
from pydantic import Field

from toolkit.config import StrictModel, load_config
from toolkit.types import ConfigError


class Apple(StrictModel):
    kind: Literal["apple"] = "apple"
    weight: float = Field(default=1.0, gt=0)
    max_pips: int = 5


class Pear(StrictModel):
    kind: Literal["pear"] = "pear"
    colour: str = "green"


class Basket(StrictModel):
    seed: int = 13
    fruit: Annotated[Apple | Pear, Field(discriminator="kind")]


@pytest.fixture
def load(tmp_path):
    def load_text(text, *overrides):
        path = tmp_path / "basket.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, Basket, overrides)

    return load_text


def test_a_config_fills_in_its_defaults(load):
    assert load("fruit: {kind: apple}") == Basket(seed=13, fruit=Apple(weight=1.0, max_pips=5))


def test_an_override_replaces_one_value_and_keeps_its_type(load):
    assert load("fruit: {kind: apple}", "fruit.weight=2.5", "seed=7") == Basket(seed=7, fruit=Apple(weight=2.5))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fruit: {kind: apple, wieght: 2}", "basket.yaml: fruit.*wieght is unknown; known:.*did you mean weight?"),
        ("sed: 1\nfruit: {kind: pear}", "sed is unknown; known: fruit, seed; did you mean seed?"),
        ("fruit: {kind: plum}", "fruit.kind is 'plum'; known: apple, pear"),
        ("fruit: {colour: red}", "fruit.kind is missing"),
        ("seed: 1", "fruit is missing"),
        ("fruit: {kind: apple, weight: heavy}", "weight is 'heavy'"),
        ("fruit: {kind: apple, weight: -1}", "weight is -1.*greater than 0"),
        ("fruit: {kind: apple}\nseed: 1\nseed: 2", r"basket.yaml:3: .*'seed' stands twice"),
        ("fruit: [", r"basket.yaml:\d: not valid YAML"),
        ("- a\n- b", "found list, expected a mapping"),
        ("", "found NoneType, expected a mapping"),
        ("fruit: !!python/object/apply:os.system [true]", "not valid YAML"),
        ("1: 2", "key 1 must be text"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(load, text, message):
    with pytest.raises(ConfigError, match=message):
        load(text)


def test_all_mistakes_are_named_at_once(load):
    with pytest.raises(ConfigError) as caught:
        load("sed: 1\nfruit: {kind: apple, wieght: 2}")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "write key.path=value"),
        ("=3", "write key.path=value"),
        ("seed.deep=3", "seed is 13, not a block"),
        ("fruit.weight=[", "not valid YAML"),
        ("fruit.wieght=3", "wieght is unknown"),
    ],
)
def test_a_wrong_override_is_named(load, override, message):
    with pytest.raises(ConfigError, match=message):
        load("seed: 13\nfruit: {kind: apple}", override)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere.yaml: cannot read it"):
        load_config(tmp_path / "nowhere.yaml", Basket)


def test_a_config_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("seed: 1 # 种子".encode("gb18030"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(path, Basket)
