"""The sentences with their translation that the encoder-decoder is trained on: right German, and free of what is kept out."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from transformers import T5Config, T5ForConditionalGeneration

from training import german, pairs, world
from training import review_wordings as wordings
from training.corpus import held_out
from training.german import names
from training.pairs import PREFIXES, TASKS, Asker, batches, build_tokenizer, corrupted, losses_of
from training.phrases import Clause, nouns, phrase, spoken, verbs
from training.review_words import ADJECTIVES, WORDS
from training.reviews import FIXED, LABELS, PLAIN, Critic
from training.t5_paraphrases import QUESTIONS, TRANSLATIONS
from training.train import optimize
from training.translated_facts import countries, places
from training.translation import Translator
from training.world import facts

ALL_NOUNS = [
    noun
    for table in ("THINGS", "TEXTS", "FOOD", "BEINGS", "ANIMALS", "RELATIVES", "ROOMS")
    for noun in nouns(getattr(german, table))
]


def noun(name: str):
    return next(one for one in ALL_NOUNS if one.one == name)


@pytest.fixture(scope="module")
def sample() -> list[tuple[str, str]]:
    return list(islice(Translator(3).pairs(), 20_000))


def test_every_name_of_the_world_has_a_german_one():
    cities = {row[0] for row in world.rows(world.CITIES)} | {row[2] for row in world.rows(world.PLACES)}
    cities |= {row[2] for row in world.rows(world.PEOPLE)} | {row[1] for row in world.rows(world.COUNTRIES)}
    lands = [row[0] for row in world.rows(world.COUNTRIES)] + [row[3] for row in world.rows(world.PLACES)]
    assert set(names(german.CITIES)) == cities - {"-"}
    assert set(countries()) == set(lands)
    assert set(places()) == {row[0] for row in world.rows(world.PLACES)}
    assert set(names(german.LANGUAGES)) == {row[2] for row in world.rows(world.COUNTRIES)} - {"-"}
    assert set(names(german.CONTINENTS)) == {row[4] for row in world.rows(world.COUNTRIES)} - {"-"}


@pytest.mark.parametrize(
    ("name", "article", "plural", "cases"),
    [
        ("man", "the", False, ("der alte Mann", "den alten Mann", "dem alten Mann")),
        ("man", "a(n)", False, ("ein alter Mann", "einen alten Mann", "einem alten Mann")),
        ("woman", "my", False, ("meine alte Frau", "meine alte Frau", "meiner alten Frau")),
        ("child", "no", False, ("kein altes Kind", "kein altes Kind", "keinem alten Kind")),
        ("child", "this", True, ("diese alten Kinder", "diese alten Kinder", "diesen alten Kindern")),
        ("boy", "the", False, ("der alte Junge", "den alten Jungen", "dem alten Jungen")),
        ("student", "our", False, ("unser alter Student", "unseren alten Studenten", "unserem alten Studenten")),
        ("book", "two", True, ("zwei alte Bücher", "zwei alte Bücher", "zwei alten Büchern")),
        ("book", "many", True, ("viele alte Bücher", "viele alte Bücher", "vielen alten Büchern")),
        ("park", "the", True, ("die alten Parks", "die alten Parks", "den alten Parks")),
    ],
)
def test_nouns_stand_in_their_case(name, article, plural, cases):
    found = phrase(noun(name), article, ("old", "alt", "alt"), plural)
    assert tuple(found[case] for case in ("nom", "acc", "dat")) == cases


def test_the_german_verb_stands_where_it_belongs():
    call = next(verb for verb in verbs(german.VERBS["being"]) if verb.base == "call")
    man, woman = phrase(noun("man"), "the"), phrase(noun("woman"), "the")
    now, was = ("today", "heute"), ("yesterday", "gestern")
    present = Clause(man, *spoken(call, "present", "one", False), woman.english, "ruft", woman["acc"], apart="an", time=now)
    past = Clause(man, *spoken(call, "past", "one", False), woman.english, "hat", woman["acc"], "angerufen ", time=was)
    said = [
        " ".join(text.split())
        for clause in (present, past)
        for text in (*clause.statement(), *clause.fronted(), *clause.question(), clause.subordinate()[1])
    ]
    assert said == [
        "the man calls the woman today", "der Mann ruft heute die Frau an",
        "today the man calls the woman", "heute ruft der Mann die Frau an",
        "does the man call the woman today", "ruft der Mann heute die Frau an",
        "der Mann heute die Frau anruft",
        "the man called the woman yesterday", "der Mann hat gestern die Frau angerufen",
        "yesterday the man called the woman", "gestern hat der Mann die Frau angerufen",
        "did the man call the woman yesterday", "hat der Mann gestern die Frau angerufen",
        "der Mann gestern die Frau angerufen hat",
    ]  # fmt: skip


def test_sentences_are_clean_in_both_languages(sample):
    for english, own in sample:
        assert re.fullmatch(r"[A-ZÄÖÜ][^|=*_{}<>\x00]*[.?]", own), own
        assert not re.search(r"  | ,|a\(n\)|\|", english + own), (english, own)
        assert (english[-1] == "?") == (own[-1] == "?")


def test_no_auxiliary_goes_with_a_finite_verb(sample):
    finite = {form for table in german.VERBS.values() for verb in verbs(table) for form in (verb.third, verb.past)}
    bare = {verb.base for table in german.VERBS.values() for verb in verbs(table)}
    wrong = "|".join(sorted(finite - bare))
    assert not [english for english, _ in sample if re.search(rf"\b(not|will|can|must|cannot|to) ({wrong})\b", english)]
    asked = [english for english, _ in sample if re.match("Did|Does|Do|Will|Can|Must", english)]
    assert len(asked) > 500
    assert not [english for english in asked if re.search(rf"\b({wrong})\b", english)]


def test_one_sentence_has_one_translation(sample):
    found: dict[str, str] = {}
    for english, own in sample:
        assert found.setdefault(english, own) == own


def test_german_articles_fit_their_nouns(sample):
    # "dem" stands before no feminine noun, "das" before no masculine one, in whatever sentence it may be.
    genders = {one.ein: one.gender for one in ALL_NOUNS}
    wrong = {"m": "das", "f": "das dem den", "n": "den"}
    plurals = {one.viele for one in ALL_NOUNS} | {one.in_case("dat", True) for one in ALL_NOUNS}
    read = 0
    for _, own in sample:
        for article, word in re.findall(r"\b(das|dem|den) (?:[a-zäöüß]+en? )?([A-ZÄÖÜ]\w+)", own):
            if word in genders and word not in plurals:
                read += 1
                assert article not in wrong[genders[word]].split(), own
    assert read > 1000


def test_what_is_kept_out_is_not_told():
    for unseen in (False, True):
        writer = Translator(4, unseen=unseen)
        for _ in islice(writer.pairs(), 2000):
            assert any(held_out("translation", *parts) for parts in writer.told) == unseen
    asker = Asker(4)
    for relation in ("city", "capital", "birth"):
        for _ in range(300):
            text, told = asker.writer.question(relation)
            assert not held_out(relation, "question", told.wording, told.fact.subject)
            assert text.endswith((".", "?"))


def test_all_tasks_are_asked():
    asked = list(islice(Asker(5).pairs(), 400))
    assert {pair.task for pair in asked} == set(PREFIXES)
    assert all(pair.source.startswith(PREFIXES[pair.task]) for pair in asked)
    assert {pair.answer for pair in asked if pair.task == "sentiment"} == set(LABELS)


def test_practice_turns_words_and_asks_for_no_single_ones():
    def share(asker):
        reviews = [asker.pair("sentiment").text for _ in range(500)]
        turned = re.compile(r"\b(not|n't|never|no|but|although|nobody|nothing|less|without)\b|n't", re.IGNORECASE)
        return sum(" " not in text for text in reviews) / 500, sum(bool(turned.search(text)) for text in reviews) / 500

    (single, turned), (practised, more) = share(Asker(9)), share(Asker(9, stage="practice"))
    assert single > 0.1
    assert practised < 0.02
    assert more > turned + 0.15


@pytest.mark.parametrize("stage", TASKS)
def test_reviews_that_are_kept_out_are_not_asked(stage):
    # Looked for in the text itself: turns that stand before the words of one family alone, with each word kept out of it.
    critic = Critic(0)
    families = critic.families["+"] | critic.families["-"] | {"contrast": wordings.CONTRASTS}
    degrees = wordings.EXTRA["deg"]
    told_by = {name: "\n".join(text.replace("{deg}", deg) for text in families[name] for deg in degrees) for name in families}
    bare = {name: re.sub("[~<>*]", "", text).replace("a(n)", "a") for name, text in told_by.items()}
    judging = {word for sign in WORDS for table in (WORDS[sign] | ADJECTIVES[sign]).values() for word in table.split(", ")}
    asker, unseen = Asker(11, stage=stage), Critic(11, unseen=True).reviews()
    asked = "\n".join(asker.pair("sentiment").text for _ in range(2500)).lower()
    kept_out = "\n".join(review.text for review in islice(unseen, 2500)).lower()
    told = found = 0
    for name in set(families) - {*FIXED, *PLAIN}:
        for turn in {match[1] for match in re.finditer(r"~([^~{\n]+)~ <\{", "\n".join(families[name]))}:
            if [other for other, text in bare.items() if f"{turn} {{" in text] != [name]:
                continue
            before = rf"\b{turn} (?:{{}})(?![\w'])"
            kept = [word for word in judging if held_out("review", name, word)]
            assert not re.search(before.format("|".join(kept)), asked), (name, turn)
            told += len(re.findall(before.format("|".join(judging - set(kept))), asked))
            found += len(re.findall(before.format("|".join(kept)), kept_out))
    assert told > 100
    assert found > 100


def test_signs_reach_the_batch_and_stay():
    asker, spoken, turned = Asker(12, stage="turns"), 0, 0
    tokenizer = build_tokenizer([text for pair in islice(asker.pairs(), 3000) for text in (pair.source, pair.answer)])
    tokens = {tokenizer.convert_tokens_to_ids(f"▁{label}") for label in LABELS}
    review = next(pair for pair in asker.pairs() if len(pair.signs) == 3 and len({label for *_, label in pair.signs}) == 2)
    one = next(batches(iter([review]), tokenizer, 1024, 0))
    for start, end, label in review.signs:
        places = one.signs[0] == tokenizer.convert_tokens_to_ids(f"▁{label}")
        assert review.text[start:end] in tokenizer.decode(one.ids[0][places])
    generator = pairs.torch.Generator().manual_seed(0)
    for batch in islice(batches(asker.pairs(), tokenizer, 1024, 0), 20):
        asked = batch.signs != pairs.IGNORED
        assert set(batch.signs[asked].tolist()) == tokens
        assert not asked[batch.weights != pairs.WEIGHTS["sentiment"]].any()
        assert (corrupted(batch, generator) == batch.ids)[asked].all()
        assert (batch.replaced > 0).any()
        spoken += int(asked.sum())
        turned += int((asked & (batch.signs != batch.labels[:, :1])).sum())
    assert 0 < turned < spoken / 2


def test_every_batch_has_all_tasks():
    asker = Asker(10)
    tokenizer = build_tokenizer([text for pair in islice(asker.pairs(), 500) for text in (pair.source, pair.answer)])
    for batch in islice(batches(asker.pairs(), tokenizer, 1024, 0), 20):
        assert set(batch.weights.tolist()) == set(pairs.WEIGHTS.values())


def test_the_tokenizer_is_the_same_in_every_run_and_loses_nothing():
    texts = [text for pair in islice(Asker(6).pairs(), 3000) for text in (pair.source, pair.answer)]
    one, again = build_tokenizer(texts), build_tokenizer(texts)
    assert one.backend_tokenizer.to_str() == again.backend_tokenizer.to_str()
    assert all(one.decode(one.encode(text), skip_special_tokens=True) == text for text in texts)
    # A word that is known is one token, one that is not is spelt.
    assert one.tokenize("translate English") == ["▁translate", "▁English"]
    assert one.decode(one.encode("Quizzical zebras."), skip_special_tokens=True) == "Quizzical zebras."


@pytest.mark.parametrize("stage", TASKS)
def test_a_few_steps_learn(stage):
    asker = Asker(7, stage=stage)
    texts = [text for pair in islice(asker.pairs(), 500) for text in (pair.source, pair.answer)]
    tokenizer = build_tokenizer(texts, pieces=100)
    source = batches(asker.pairs(), tokenizer, 256, 0)
    batch = next(source)
    assert batch.ids.shape == batch.attention.shape == batch.replaced.shape
    assert (batch.labels[batch.labels != pairs.IGNORED] > 0).all()
    config = T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, dropout_rate=0.0,
        decoder_start_token_id=0,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config)
    pairs.torch.manual_seed(0)
    generator = pairs.torch.Generator().manual_seed(0)

    def measure() -> float:
        return pairs.mean_loss(model, [batch])

    before, signs = measure(), losses_of(model, batch, batch.ids)[1].item()
    best = optimize(model, lambda _: sum(losses_of(model, batch, corrupted(batch, generator))), measure, steps=20, rate=1e-2)
    assert best < before - 1
    # Signs are asked in the last stage alone.
    assert (signs > 0) == (stage == "turns")
    assert stage != "turns" or losses_of(model, batch, batch.ids)[1] < signs - 1


def test_what_is_written_by_hand_is_not_made_by_the_grammar(sample):
    told = {english.lower() for english, _ in sample}
    assert [text for text, _ in TRANSLATIONS if text.lower() in told] == []
    asker = Asker(8)
    asked = {asker.pair("question").text.lower() for _ in range(10_000)}
    assert [text for text, *_ in QUESTIONS if text.lower() in asked] == []
    for text, relation, subject in QUESTIONS:
        assert subject in {fact.subject for fact in facts()[relation]}
        assert world.bare(subject).removesuffix(" Airport").lower() in text.lower()
