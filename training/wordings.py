"""How facts are worded: rules that all wordings share, and the clauses and questions of every relation.

`{S}` is the subject with possible modifiers, `{X}` the bare subject, `{=}` the answer, `{wrong}` another answer of the same
relation, `{other}` another subject and `{its}` that one's answer.
"""

from __future__ import annotations

from collections.abc import Sequence

RULES: dict[str, Sequence[str]] = {
    "girl": "Mary Anna Emma Julia Laura Sarah Lucy Helen Alice Clara Nina Rose Kate Maria Susan Linda".split(),
    "boy": "John Tom Peter Paul David Daniel Mark Henry George Thomas Oliver Simon Jack Robert Martin Leo".split(),
    "name": ["{girl}", "{boy}"],
    "someone": [
        "{name}", "{name}", "the {job}", "my {relative}", "his {relative}", "her {relative}", "our {job}", "a(n) {job}",
        "a(n) [old|young|] [man|woman|boy|girl]", "the [man|woman|boy|girl]", "my friend {name}", "a friend", "somebody",
        "someone", "[everybody|everyone]",
    ],
    "job": (
        "teacher doctor nurse pilot driver farmer guide student lawyer baker writer painter singer captain waiter "
        "cook scientist player worker soldier tourist traveller neighbour king queen manager editor reporter "
        "professor"
    ).split(),
    "relative": (
        "mother father sister brother uncle aunt friend grandmother grandfather cousin son daughter wife husband"
    ).split(),
    "people": [
        "[many|most|some|few|all|several|a lot of|thousands of|millions of|young|old] people",
        "[many |most |some |the |]tourists", "[many |the |some |]visitors", "[many |the |some |]travellers",
        "[the |our |many |]{job}s", "people", "the people", "families with children", "[the |]children",
        "[some |my |our |]friends",
    ],
    "says": [
        "says", "said", "wrote", "told me", "told us", "thinks", "thought", "believes", "knows", "knew", "explained",
        "remembered", "heard", "reported", "answered", "explains", "is sure", "was sure", "repeated", "learned", "remarked",
        "mentioned", "noticed", "discovered", "insisted", "admits", "claims", "showed us", "reads", "told the children",
        "agreed",
    ],
    "say": [
        "say", "think", "know", "believe", "have heard", "agree", "learn", "remember", "will tell you", "understand", "claim",
        "read",
    ],
    "source": [
        "the book", "my book", "this book", "the newspaper", "the map", "a map", "the letter", "the guide", "the report",
        "the story", "the radio", "a magazine", "the poster", "the sign", "an old song", "the lesson", "the film",
        "the encyclopedia", "a website", "the article", "our atlas", "the text", "the note",
    ],
    "intro": [
        "{someone} {says} that ", "{someone} {says} ", "{people} {say} that ", "{people} {say} ", "they say [that |]",
        "we know that ", "i [think|know|believe|guess|suppose|heard|read|remember|learned|have heard|am sure] [that |]",
        "it is [true|well known|clear|a fact|no secret|certain|known|said|likely|obvious] that ", "did you know that ",
        "do not forget that ", "remember that ", "note that ",
        "{source} [says|said|shows|tells us|reports|explains|states|claims|describes how] [that |]", "according to {source}, ",
        "according to {someone}, ", "in [fact|truth|reality|short|other words], ", "of course, ", "of course ",
        "as [everyone|everybody|nobody] knows, ", "as [you|we all|most people] know, ", "as {someone} {says}, ", "today, ",
        "today ", "nowadays ", "at [first|last|the moment|present], ", "{adverb}, ", "by the way, ", "for example, ",
        "as far as i know, ", "in my [opinion|view|book], ", "well, ", "yes, ", "no, ", "oh, ", "and ", "but ", "so ",
        "also, ", "however, ", "still, ", "then ", "now ", "here is a fact: ", "fact: ", "true: ", "the answer is simple: ",
        "{someone} {says}: ", "question {small}: ", "once more: ", "one thing is [clear|certain]: ",
        "everyone knows [it|this|that]: ", "it [seems|appears|turns out|follows] that ",
        "we [learned|heard|read|learn|saw] [today|yesterday|at school|in the lesson|in class|] that ", "because ", "if ",
        "{when} {someone} {says} that ", "{when} ", "{aside} ", "{clause} and ", "{clause}, but ", "{clause}, because ",
        "while {clause}, ", "when {clause}, ", "{clause}; ", "{clause}. ", "{clause}. ", "thanks to {someone} we know that ",
        "let me tell you that ", "you [should|must|may|can|will] [know|remember|see|learn] that ", "there is no doubt that ",
        "nobody [doubts|denies|forgets] that ", "{small}. ", "- ", "* ", "({small}) ", "he {says} [that |]",
        "she {says} [that |]", "{someone} asked [if|whether] ",
    ],
    "aside": [
        "to be honest,", "for your information,", "among other things,", "at that time,", "in those days,",
        "all over the world,", "after all,", "in general,", "on the other hand,", "first of all,", "to this day,",
        "without doubt,", "as a rule,",
    ],
    "adverb": (
        "actually indeed certainly surely really clearly usually perhaps obviously luckily interestingly probably "
        "naturally finally apparently officially simply generally"
    ).split(),
    "adv": [
        "", "", "", "", "", "", "actually ", "indeed ", "certainly ", "really ", "also ", "still ", "now ", "probably ",
        "of course ", "today ", "always ", "officially ", "clearly ", "apparently ", "in fact ", "surely ", "just ",
    ],
    "when": [
        "yesterday", "last [night|week|year|summer|winter|month|Monday|Sunday]", "this morning",
        "one [day|morning|evening|night]", "in the [morning|evening|afternoon]", "in {month}", "on {weekday}", "in {year}",
        "long ago", "many years ago", "{few} years ago", "at noon", "after [lunch|dinner|breakfast|school|work]",
        "before [lunch|dinner|breakfast|school|work]", "every [day|year|morning|summer]",
    ],
    "month": "January February March April May June July August September October November December".split(),
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "year": ["[18|19|20]{tens}{digit}"],
    "tens": list("0123456789"),
    "digit": list("0123456789"),
    "few": "two three four five six seven eight nine ten twelve twenty".split(),
    "small": [str(n) for n in range(1, 51)],
    "adj": (
        "famous old beautiful large big small great popular modern busy well-known lovely huge little new important "
        "interesting quiet grand special wonderful ancient"
    ).split(),
    "most": [
        "famous", "oldest", "biggest", "largest", "best", "busiest", "newest", "greatest",
        "most [famous|beautiful|popular|important|visited]",
    ],
    "visited": "visited known loved seen admired used liked".split(),
    "trip": "trip visit journey holiday tour stay".split(),
    "city": [
        "London", "Paris", "Berlin", "Rome", "Madrid", "Vienna", "Prague", "Tokyo", "Moscow", "Athens", "Dublin", "Lisbon",
        "Oslo", "Cairo", "Sydney", "Boston", "Milan", "Seoul", "Budapest", "Warsaw", "Stockholm", "Amsterdam", "Brussels",
        "Copenhagen", "Helsinki", "New York",
    ],
    "country": [
        "France", "Germany", "Italy", "Spain", "Japan", "China", "India", "Brazil", "Canada", "Egypt", "Greece", "Poland",
        "Norway", "Sweden", "Peru", "Kenya", "Russia", "Mexico", "the Netherlands", "the United Kingdom", "the United States",
    ],
    "tongue": "English French German Spanish Italian Dutch Russian Chinese Japanese Arabic Greek Polish".split(),
    "end": [
        ".", ".", ".", ".", ".", ".", ".", ".", "!", "", ", {someone} {says}.", ", as {someone} {says}.", ", and {clause}.",
        ", but {clause}.", ", so {clause}.", ". {clause}.", ". {clause}.", ", of course.", ", i think.", ", is it not?",
        ", you know.", ", as you know.", " today.", " now.", ", {adverb}.",
    ],
    "end?": ["?", "?", "?", "?", ", please?", ", do you know?", ", {someone} asked."],
    "ask": [
        "", "", "", "", "", "", "question: ", "Q: ", "quiz: ", "{name}: ", "{someone} asked: ", "{someone} wants to know: ",
        "tell me: ", "who knows? ", "here is a question: ", "{small}. ", "and ", "so ", "now, ", "well, ", "please answer: ",
        "do you know? ", "{name} asks: ", "{clause}. ",
    ],
    "reply": [
        "", "", "", "", "answer: ", "A: ", "the answer is ", "{name}: ", "{someone} answered: ", "i think ", "it is ",
        "easy: ", "that is easy: ", "that must be ", "that is ", "i would say ", "the right answer is ", "well, ",
        "of course ", "correct answer: ", "it must be ", "my answer is ", "this is ", "we all know: ", "{name} answered: ",
        "it should be ", "I am sure it is ",
    ],
}

# How the subject of a relation may be modified; `{K}` is its kind.
MODIFIED: dict[str, Sequence[str]] = {
    "place": [
        "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}, {about},", "{X}, {about},",
        "the {adj} {bare}", "the {K} [called|named|known as] {bare}", "the {adj} {K} called {bare}", "{X} ([a|the] {K})",
        "{X} itself", "{X}, [like|unlike|and not] {other},", "the {K} of {bare}", "this {K}, {X},", "our {adj} {bare}",
        "{X}, far from {wrong},", "{X}, where {someone} [met|saw|waited for] {name},", "{X}, where {someone} {moved} {when},",
        "{X}, which {someone} [left|reached] {when},", "{X} [and the {room}|with its {adj} {room}|near the {room}]",
    ],
    "country": [
        "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}, {about},",
        "[beautiful|sunny|old|lovely|modern] {bare}", "the country [called|of|named] {X}", "{X}, [like|unlike] {other},",
        "{X}, where {someone} [lives|works|was born|met {name}],", "{X}, far from {other},",
    ],
    "person": [
        "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}", "{X}, {about},",
        "the [famous|great|young|old|] {K} {X}", "{X}, the {K},", "{X}, [like|unlike] {other},", "the {K} called {X}",
    ],
    "thing": ["{X}"],
}
ABOUT: dict[str, Sequence[str]] = {
    "place": [
        "a(n) {adj} {K}", "the {adj} {K}", "one of the {most} {K}s in the world", "which is a(n) {adj} {K}",
        "a(n) {K} {visited} by {people}", "which was [built|opened] in {year}",
        "which {someone} [loves|likes|saw {when}|knows well|visited {when}]", "a(n) {adj} and {adj} {K}",
        "which [{people} visit|{people} know]", "the {most} {K} of all", "a place {visited} by {people}",
    ],
    "country": [
        "a(n) {adj} country", "which is a(n) {adj} country", "a country {visited} by {people}",
        "which {someone} [loves|visited {when}|knows well]", "one of the {most} countries",
        "where {people} spend their holidays", "a land with {adj} cities",
    ],
    "person": [
        "a(n) [famous|great|young|well-known] {K}", "the [famous|great|well-known] {K}", "who was a(n) [famous|great] {K}",
        "one of the greatest {K}s", "whom {people} [know|admire|love]", "who [became|would become] a(n) [famous|great] {K}",
    ],
}
