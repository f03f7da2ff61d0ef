"""An article prepared once, so that many summaries can be checked against it."""

from dataclasses import replace

from toolkit.faithful.dates import find_dates, find_times, pointed_dates, with_context
from toolkit.faithful.hedges import Hedges
from toolkit.faithful.joined import Neighbours
from toolkit.faithful.marks import latin_words
from toolkit.faithful.moved import anchored
from toolkit.faithful.names import find_names
from toolkit.faithful.negation import Polarity
from toolkit.faithful.normal import letters, normal, packed
from toolkit.faithful.quantities import casualties, find_quantities
from toolkit.faithful.sentences import pairs
from toolkit.faithful.words import tagged
from toolkit.residue import body_sentences
from toolkit.types import Article


class Source:
    """What an article says: its headlines, its running text, and what stands around that (a dateline)."""

    def __init__(self, article: Article) -> None:
        """Prepare ``article``; an empty one supports nothing."""
        heads = [line for line in (article.title, article.subtitle, article.kicker) if line]
        body = body_sentences(article)
        around = [line for line in (article.dateline, article.text) if line]
        self.sentences = [*body, *heads]  # a clause rests on the running text rather than on a headline
        lines = [normal(line) for line in self.sentences]
        self.sentence_pairs = [pairs(letters(line)) for line in lines]
        text = "\n".join([*map(normal, heads + around), *lines])
        self.packed = packed(text)
        self.letters = letters(text)
        self.latin = latin_words(text)
        self.dates = [*with_context(find_dates(text)), *pointed_dates(text)]
        self.times = {hour for hour, _, _ in find_times(text)}
        quantities = find_quantities(text)
        quantities += casualties(quantities, text)
        self.quantities = list({replace(quantity, start=0, end=0): quantity for quantity in quantities})
        self.polarity = Polarity(text)
        self.hedges = Hedges(text)
        words = [tagged(line) for line in lines]
        self.persons = frozenset(name.text for line in words for name in find_names(line) if name.kind == "person")
        self.neighbours = Neighbours(self.packed, self.persons)
        self.anchored = [
            anchored(quantity, line, line_words)
            for line, line_words in zip(lines, words, strict=True)
            for quantity in find_quantities(line)
        ]
