"""Questions and sentences to translate, written by hand: they are asked of the finished model.

They were written before the model was trained, in wordings that the grammar does not make, and are never tuned to it. Reviews
are those of `review_paraphrases`.
"""

from __future__ import annotations

# The question, the relation, and the subject.
QUESTIONS: list[tuple[str, str, str]] = [
    ("Heathrow Airport belongs to which city?", "city", "Heathrow Airport"),
    ("I want to see Big Ben. Where must I go?", "city", "Big Ben"),
    ("The Eiffel Tower stands in which city?", "city", "the Eiffel Tower"),
    ("Tell me where the Louvre is.", "city", "the Louvre"),
    ("My friend is at Schiphol Airport. In which city is she?", "city", "Schiphol Airport"),
    ("What city would you visit for the Colosseum?", "city", "the Colosseum"),
    ("Where are the people who stand in front of the Brandenburg Gate?", "city", "the Brandenburg Gate"),
    ("Which place has Red Square?", "city", "Red Square"),
    ("Is the Prado in Paris or in Madrid?", "city", "the Prado"),
    ("Who knows the city with Charles Bridge?", "city", "Charles Bridge"),
    ("The capital of France is called what?", "capital", "France"),
    ("What is Japan's capital?", "capital", "Japan"),
    ("Where does the government of Italy sit?", "capital", "Italy"),
    ("Which capital has Norway?", "capital", "Norway"),
    ("Which is the most important city of Egypt, the capital?", "capital", "Egypt"),
    ("Of which country is Vienna the capital?", "capital of", "Vienna"),
    ("Madrid lies in what country?", "capital of", "Madrid"),
    ("To which country does Munich belong?", "city country", "Munich"),
    ("In what land would you find Kyoto?", "city country", "Kyoto"),
    ("How do people in Brazil talk, in which language?", "language", "Brazil"),
    ("What tongue is spoken in Sweden?", "language", "Sweden"),
    ("Which language do children learn first in Poland?", "language", "Poland"),
    ("I travel to Japan. Which language do I have to learn?", "language", "Japan"),
    ("With what money do I pay in Japan?", "currency", "Japan"),
    ("Which money do I need for a trip to Thailand?", "currency", "Thailand"),
    ("Kenya lies on what continent?", "continent", "Kenya"),
    ("Chile is part of which continent?", "continent", "Chile"),
    ("Mozart was born in which city?", "birth", "Mozart"),
    ("What city is the home of Beethoven?", "birth", "Beethoven"),
    ("Kafka was born where?", "birth", "Kafka"),
    ("In which town did the life of Einstein begin?", "birth", "Einstein"),
    ("What sort of thing is a hammer?", "is a", "hammer"),
    ("What would you call a carrot?", "is a", "carrot"),
    ("Hot is the opposite of what?", "opposite", "hot"),
    ("What is not big but the opposite?", "opposite", "big"),
]

# English, and all that is right German for it.
TRANSLATIONS: list[tuple[str, tuple[str, ...]]] = [
    ("The man is reading a book.", ("Der Mann liest ein Buch.",)),
    ("The dog is in the garden and the cat is in the house.", ("Der Hund ist im Garten und die Katze ist im Haus.",)),
    ("Where is my brother?", ("Wo ist mein Bruder?",)),
    ("My father and my mother are happy.", ("Mein Vater und meine Mutter sind glücklich.",)),
    ("The key is under the old table.", ("Der Schlüssel ist unter dem alten Tisch.",)),
    ("Why is the child sad?", ("Warum ist das Kind traurig?",)),
    ("The old teacher and the young student know Berlin.", ("Der alte Lehrer und der junge Student kennen Berlin.",)),
    (
        "Yesterday in the garden the boy found a ring.",
        ("Gestern hat der Junge im Garten einen Ring gefunden.", "Gestern hat im Garten der Junge einen Ring gefunden."),
    ),
    ("Mary and John want to visit Munich.", ("Mary und John wollen München besuchen.",)),
    ("The doctor lives in Vienna.", ("Der Arzt wohnt in Wien.", "Der Arzt lebt in Wien.")),
    ("My sister flew to Switzerland last week.", ("Meine Schwester ist letzte Woche in die Schweiz geflogen.",)),
    ("I know that you are tired.", ("Ich weiß, dass du müde bist.", "Ich weiß, dass ihr müde seid.")),
    ("She does not know that the letter is in the box.", ("Sie weiß nicht, dass der Brief in der Kiste ist.",)),
    ("The bird on the tree is small.", ("Der Vogel auf dem Baum ist klein.",)),
    ("The nurse helps the child in the park.", ("Die Krankenschwester hilft dem Kind im Park.",)),
    ("Give the man the book!", ("Gib dem Mann das Buch!", "Geben Sie dem Mann das Buch!")),
    ("He is as old as my father.", ("Er ist so alt wie mein Vater.",)),
    ("The girl loves the dog and the dog loves the girl.", ("Das Mädchen liebt den Hund und der Hund liebt das Mädchen.",)),
    ("Paul lives in Cologne because his mother lives in Cologne.", ("Paul wohnt in Köln, weil seine Mutter in Köln wohnt.",)),
    ("Is the museum in Prague older than the museum in Rome?", ("Ist das Museum in Prag älter als das Museum in Rom?",)),
    ("The Eiffel Tower is old and beautiful.", ("Der Eiffelturm ist alt und schön.",)),
    ("We did not see Red Square yesterday.", ("Wir haben gestern den Roten Platz nicht gesehen.",)),
    ("The baker thanked our neighbour.", ("Der Bäcker hat unserem Nachbarn gedankt.",)),
    ("The picture in my room is new.", ("Das Bild in meinem Zimmer ist neu.",)),
    ("When does the teacher read the letter?", ("Wann liest der Lehrer den Brief?",)),
]
