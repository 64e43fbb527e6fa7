"""Sentences with a mask, written by hand in wordings that the grammar does not make; `paraphrases.FACTS` holds others.

They were written before the model was finished and had been asked anything, and are never tuned to it.
"""

from __future__ import annotations

# The text, the relation, and the subject.
FILLS: list[tuple[str, str, str]] = [
    ("The people of [MASK] hear Big Ben every hour.", "city", "Big Ben"),
    ("In [MASK] we climbed the Eiffel Tower and then had dinner by the river.", "city", "the Eiffel Tower"),
    ("My plane left [MASK] late, because there was a storm over Heathrow.", "city", "Heathrow Airport"),
    ("Anyone who loves [MASK] loves the Prado.", "city", "the Prado"),
    ("We flew to [MASK]; at Schiphol Airport nobody asked for our tickets.", "city", "Schiphol Airport"),
    ("The Colosseum makes [MASK] a city that every tourist wants to see.", "city", "the Colosseum"),
    ("Tell me, is [MASK] far from here? I want to see the Brandenburg Gate.", "city", "the Brandenburg Gate"),
    ("It snowed in [MASK], and Red Square was white.", "city", "Red Square"),
    ("She studied in [MASK], not far from the Parthenon.", "city", "the Parthenon"),
    ("The streets of [MASK] were full, but at Hagia Sophia it was quiet.", "city", "Hagia Sophia"),
    ("The mayor of [MASK] closed Charles Bridge for a week.", "city", "Charles Bridge"),
    ("There are two airports in [MASK], and Narita is the bigger one.", "city", "Narita Airport"),
    ("The king of [MASK] lives in Oslo, the capital.", "capital of", "Oslo"),
    ("From [MASK] the president of France rules the country.", "capital", "France"),
    ("Have you ever been to [MASK], where the government of Japan has its seat?", "capital", "Japan"),
    ("Of course [MASK] is the capital: you are in Italy, my friend.", "capital", "Italy"),
    ("A train from Germany's capital, [MASK], arrives at noon.", "capital", "Germany"),
    ("Is it [MASK] or another city that is the capital of Egypt?", "capital", "Egypt"),
    ("In the end they chose [MASK] as the place for the parliament of Poland.", "capital", "Poland"),
    ("Our guide spoke [MASK], as everyone does in Brazil.", "language", "Brazil"),
    ("You should take a [MASK] lesson before you travel to Japan.", "language", "Japan"),
    ("They sang in [MASK] because they were from Sweden.", "language", "Sweden"),
    ("The letter was in [MASK], so it must have come from Poland.", "language", "Poland"),
    ("Nobody takes the [MASK] outside Japan.", "currency", "Japan"),
    ("He counted the [MASK] that he had brought from Thailand.", "currency", "Thailand"),
    ("The map of [MASK] showed Kenya in green.", "continent", "Kenya"),
    ("No country of [MASK] is as long as Chile.", "continent", "Chile"),
    ("A house in [MASK] is shown to visitors as the place where Mozart was born.", "birth", "Mozart"),
    ("The town of [MASK] gave the world Beethoven.", "birth", "Beethoven"),
    ("Kafka left [MASK], his home, only for short trips.", "birth", "Kafka"),
    ("The Taj Mahal is what most people know of [MASK], the country.", "place country", "the Taj Mahal"),
    ("The Louvre is a famous [MASK] with many pictures.", "kind", "the Louvre"),
]
