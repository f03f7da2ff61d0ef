"""The plain way to search with a pointer network: one article and one length after the other, every beam by itself.

It is what a library's ``generate`` does with any model, and finds what ``toolkit.summarizers.pointer.search`` finds:
the measure of its speed, and the reference that a test compares it with.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from toolkit.summarizers.pointer.bans import Rules, banned, read_tables
from toolkit.summarizers.pointer.drafts import NEVER, Drafts
from toolkit.summarizers.pointer.network import END, Memory, Past, PointerNetwork, last_copied
from toolkit.summarizers.pointer.search import MOST_STEPS, Path, merge
from toolkit.summarizers.pointer.source import PointerSource


@torch.inference_mode()
def plain_search(
    network: PointerNetwork, memory: Memory, sources: Sequence[PointerSource], written: Sequence[str], rules: Rules
) -> list[list[Path]]:
    """Return the finished summaries of each source, as ``search`` does."""
    found = []
    for number, source in enumerate(sources):
        alone = memory.keep(torch.tensor([number]))
        single = [replace(rules, targets=(target,)) for target in rules.targets]
        found.append(merge([_search_one(network, alone, source, written, rules) for rules in single]))
    return found


def _search_one(
    network: PointerNetwork, memory: Memory, source: PointerSource, written: Sequence[str], rules: Rules
) -> list[Path]:
    tables = read_tables([source], written, memory.mask.shape[1], rules)
    past = Past(network.shape, rows=rules.beams, steps=MOST_STEPS[rules.mode])
    beams = [([rules.start], 0.0)] + [([rules.start], NEVER)] * (rules.beams - 1)
    done: list[Path] = []
    for _ in range(MOST_STEPS[rules.mode]):
        drafts = _drafts_of([items for items, _ in beams], len(written), tables.chars[0], memory.mask.shape[1])
        hidden = network.decode(memory, drafts.items[0, :, -1:], (rules.targets[0] - drafts.used[0])[:, None], past)
        scores = network.score(memory, hidden, drafts.last[0, :, None], drafts.taken[0, :, None].float())[:, 0]
        scores = scores.masked_fill(banned(drafts, tables, rules)[0], NEVER)
        scores += torch.tensor([score for _, score in beams])[:, None]
        best, places = scores.flatten().topk(2 * rules.beams)
        going = []
        for score, place in zip(best.tolist(), places.tolist(), strict=True):
            parent, item = place // scores.shape[1], place % scores.shape[1]
            if item != END:
                going.append((parent, item, score))
            elif score > NEVER / 2 and len(going) < rules.beams:
                items = beams[parent][0]
                done.append(Path(tuple(items[1:]), score / len(items)))
        going = going[: rules.beams]
        if len(done) >= rules.beams or all(score < NEVER / 2 for _, _, score in going):
            break
        past.keep(torch.tensor([parent for parent, _, _ in going]))
        beams = [([*beams[parent][0], item], score) for parent, item, score in going]
    return done


def _drafts_of(rows: list[list[int]], n_written: int, chars: torch.Tensor, words: int) -> Drafts:
    items = torch.tensor(rows)
    last = torch.tensor([last_copied(row, n_written)[-1] for row in rows])
    taken = torch.zeros(len(rows), words, dtype=torch.bool)
    for row, line in enumerate(rows):
        taken[row, [item - n_written for item in line if item >= n_written]] = True
    return Drafts(items[None], torch.zeros(1, len(rows)), chars[items].sum(1)[None], last[None], taken[None])
