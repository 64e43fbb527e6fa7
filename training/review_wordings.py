"""Wordings of film reviews.

`{=x}` is a word of the review's own sign and `{!x}` one of the other sign. `<...>` encloses what decides the sign, `~...~` a
turn that reverses or weighs it, `*...*` a word of the other sign, and `^...^` a word that
judges nothing here. `{S}` is what is judged, with `{is}`,
`{isnt}`, `{do}` in its number; `{F}` is the film.
"""

from __future__ import annotations

from collections.abc import Sequence

# What every review may say.
RULES: dict[str, Sequence[str]] = {
    "very": [
        "", "", "", "", "", "very ", "really ", "so ", "truly ", "quite ", "rather ", "simply ", "absolutely ", "extremely ",
        "incredibly ", "completely ", "utterly ", "surprisingly ", "just ", "pretty ", "thoroughly ",
    ],
    "F": [
        "{the_film}", "{the_film}", "{the_film}", "it", "it", "this", "this one",
        "the [film|movie|picture|comedy|thriller|drama|sequel|remake|western|cartoon|documentary]",
    ],
    "the_film": ["the film", "this film", "the movie", "this movie", "the whole film", "this picture"],
    "film": (
        "film film movie movie picture comedy thriller drama story sequel remake "
    ).split(),
    "part": (
        "ending story script music scenery beginning plot dialogue photography cast hero "
    ).split(),
    "cinema": [
        "the cinema", "the audience", "everyone", "everybody", "people", "the people around us", "the whole room",
        "the children",
    ],
    "who": [
        "my {relative}", "my {relative}", "{name}", "the critics", "most people", "a friend", "the papers", "some people",
    ],
    "relative": (
        "mother father sister brother uncle aunt friend grandmother grandfather cousin son daughter wife husband "
    ).split(),
    "name": (
        "Mary Anna Emma Julia Laura Sarah Lucy Helen Alice Clara John Tom Peter Paul David Daniel Mark Henry Simon "
    ).split(),
    "job": (
        "teacher doctor nurse pilot driver farmer student lawyer baker writer painter singer captain waiter cook "
        "scientist player worker soldier detective king queen thief spy sailor policeman "
    ).split(),
    "place": (
        "London Paris Berlin Rome Madrid Vienna Prague Tokyo Moscow Athens Dublin Oslo Cairo Sydney Boston Milan space "
        "Africa China France Italy Spain "
    ).split(),
    "when": [
        "yesterday", "last [night|week|month|Sunday|summer]", "on [Monday|Friday|Saturday|Sunday]",
        "this [morning|evening|week]", "today", "two days ago", "in [May|June|October|December]", "at the festival",
        "on television", "on a plane", "at home",
    ],
    "neutral": [
        "I saw it {when}", "I saw it {when} with my {relative}", "we watched it {when}",
        "my {relative} and I went to see it {when}", "the film is about a {job} {fate}", "it is the story of a {job} {fate}",
        "a {job} {fate}", "it is set in {place}",
        "it is set in {place} in the [fifties|sixties|future|last century|middle ages|war]",
        "{name}, a {job} from {place}, meets a {job}", "it lasts [two|three|nearly two|about three] hours",
        "the director is [French|Italian|young|new|old|from {place}]",
        "it was shot in {place} in [1950|1972|1988|1999|2004|2015]", "the film is based on a [novel|play|book|true story]",
        "we sat in the [first|last|third] row", "we had read the book before",
        "the cinema was [full|half empty|nearly empty|warm|cold]", "the tickets cost [eight|nine|ten|twelve] euros",
        "it is the [second|third|last|first] part of a series", "it has subtitles", "it is in black and white",
        "it is a [comedy|thriller|drama|western|cartoon|documentary|remake|love story|crime story]", "{name} plays the {job}",
        "the main character is a {job}", "the film begins in {place} and ends in {place}", "my {relative} bought the tickets",
        "it was raining, so we went to the cinema", "I ^like^ to go to the cinema", "there are many films about {place}",
        "I had not heard of the director before", "nobody told me how it ends",
    ],
    "fate": [
        "who loses a {thing}", "who finds a {thing}", "who travels to {place}", "from {place}", "who looks for a {thing}",
        "who hides in {place}", "and a {job}", "who must find a killer", "who survives a ^terrible^ war",
        "with a ^wonderful^ secret", "who ^loves^ a {job}", "who ^hates^ a {job}", "in a ^dull^ little town",
        "and a ^beautiful^ {job}", "with a ^bad^ memory", "who is afraid of the dark", "in ^great^ danger",
        "who has lost everything", "in a ^horrible^ prison", "who wins a prize",
    ],
    "thing": (
        "letter key map ring dog cat horse boat diamond child book picture clock coin treasure bag "
    ).split(),
    "lead": [
        "", "", "", "", "", "", "", "in my opinion, ", "i think [that |]", "i must say that ", "for me, ", "to be honest, ",
        "honestly, ", "all in all, ", "to my mind, ", "in short, ", "well, ", "and ", "{who} said that ",
        "{who} and i think that ", "of course, ", "once again, ", "as always, ", "this time ", "i found that ", "for once, ",
        "overall, ", "my verdict: ",
    ],
    "tail": [
        "", "", "", "", "", "", "", " indeed", ", i think", ", really", ", to be honest", " from start to finish",
        ", if you ask me",
    ],
    "mark": [".", ".", ".", ".", ".", ".", "!", "!", "...", ""],
    "all": ["", "", " at all", " at all", " in the least", " for a moment"],
}

# What the families below need.
EXTRA: dict[str, Sequence[str]] = {
    "sheer": ["", "", "", "", "complete ", "real ", "total ", "true ", "little "],
    "deg": [
        "", "", "", "", "", "really ", "very ", "particularly ", "that ", "so ", "especially ", "too ", "exactly ",
    ],
    "it": [
        "it", "it", "the film", "this film", "the movie", "every minute", "every minute of it", "this one", "every scene",
    ],
    "twice": [
        "twice", "all the time", "from start to finish", "after ten minutes", "in the end", "more than once",
    ],
    "of_year": [
        "of the year", "i have ever seen", "of {his} career", "i know", "in years", "of the series", "of all time",
    ],
    "worth": [
        "the money", "the ticket", "your time", "the trouble", "watching", "seeing", "a visit", "the price",
        "two hours of my life", "the wait",
    ],
    "neutral adj": (
        "long slow loud short simple quick quiet sweet complicated dark serious easy old "
    ).split(),
}

# How one clause judges, by family. Kept out of training are combinations of a family and a word.
FAMILIES: dict[str, Sequence[str]] = {
    "plain": [
        "{S} {is} {very}<{=adj}>", "{S} {is} {very}<{=adj}>", "{S} {is} <{=adj}> and <{=adj}>",
        "{S} {is} {very}<{=adj}> and {very}<{=adj}>", "i found {S} {very}<{=adj}>", "{S} struck me as {very}<{=adj}>",
        "{S} turned out to be {very}<{=adj}>", "{S} {is}, in a word, <{=adj}>", "how <{=adj}> {S} {is}", "{very}<{=adj}>",
        "{S}: {very}<{=adj}>", "<{=adj}>, <{=adj}>, <{=adj}>",
        "{S} {is} as <{=adj}> as [ever|always|{i} hoped|{i} feared|people say|can be]", "{S} {do} seem {very}<{=adj}>",
        "{S} stayed <{=adj}> [to the end|throughout]", "one word: <{=adj}>", "{S} {is} nothing but <{=adj}>",
    ],
    "film": [
        "what a(n) <{=film adj}> {film}", "{F} is a(n) {very}<{=film adj}> {film}", "a(n) {very}<{=film adj}> {film}",
        "this is a(n) <{=film adj}> {film}", "a(n) <{=film adj}> {film} with a(n) <{=adj}> {part}",
        "we saw a(n) <{=film adj}> {film}", "it has a(n) <{=any adj}> {part}", "{F} has a(n) {very}<{=any adj}> {part}",
        "there is something <{=any adj}> about {S}", "a(n) <{=film adj}> {film} and a(n) <{=any adj}> evening",
    ],
    "noun": [
        "{F} is a(n) {sheer}<{=noun}>", "what a(n) <{=noun}>", "{F} turned out to be a(n) {sheer}<{=noun}>",
        "a(n) {sheer}<{=noun}>", "i would call {F} a(n) <{=noun}>", "{S} {is} a(n) {sheer}<{=noun}>",
        "{F} is nothing but a(n) <{=noun}>",
    ],
    "trait": [
        "{F} [is full of|has a lot of|is rich in|offers plenty of] <{=trait}>", "so much <{=trait}>",
        "there is a lot of <{=trait}> in it", "{S} {is} full of <{=trait}>", "<{=trait}> and <{=trait}> from start to finish",
        "all this <{=trait}>",
    ],
    "loved": [
        "i <{=loved}> {it}", "we <{=loved}> {it}", "i really <{=loved}> {it}", "i <{=love}> {it}",
        "i have always <{=loved}> such films", "{cinema} <{=loved}> {it}", "i <{=loved}> {S}", "i came to <{=love}> it",
        "you will <{=love}> it", "one can only <{=love}> it", "people will <{=love}> it", "you must <{=love}> it",
        "i still <{=love}> {it}",
    ],
    "felt": [
        "i was {very}<{=felt}>", "we were {very}<{=felt}>", "i left the cinema <{=felt}>", "{S} left me <{=felt}>",
        "i felt <{=felt}>", "{cinema} [was|were] <{=felt}>", "i have rarely been so <{=felt}>",
    ],
    "does": [
        "{F} <{=does}>", "{F} really <{=does}>", "here is a film that <{=does}>", "{F} <{=does}> from the first minute",
        "a film that <{=does}>", "{S} will <{=do}> you", "{F} [managed|manages|managed only] to <{=do}>",
    ],
    "did": [
        "i <{=did}>", "we <{=did}>", "it made me <{=act}>", "it makes you <{=act}>", "you will <{=act}>",
        "i <{=did}> {twice}", "{cinema} <{=people}>", "after an hour i <{=did}>",
        "my {relative} and i <{=did}>",
    ],
    "advice": ["<{=advice}>", "so: <{=advice}>", "my advice: <{=advice}>"],
    "made": [
        "{S} {is} <{=ly}> {made}", "<{=ly}> {made}", "a(n) <{=ly}> {made} {film}", "{F} is <{=ly}> {made} and <{=ly}> {made}",
        "they have {made} it <{=ly}>",
    ],
    "than": [
        "{S} {is} [much |far |even |a lot |]<{=er}> {expected}", "{F} is <{=er}> {expected}",
        "{F} is one of the <{=est}> films {of_year}", "{F} is the <{=est}> film {of_year}",
        "{S} {is} the <{=est}> part of the film", "{S} {is} more <{=adj}> {expected}",
        "one of the most <{=film adj}> films {of_year}",
    ],
    "not": [
        "{S} {is} ~not~ {deg}<{!adj}>{all}", "{S} ~{isnt}~ {deg}<{!adj}>{all}", "{S} {is} ~not~ <{!adj}>",
        "~not~ {deg}<{!adj}>{all}", "i did ~not~ find {S} {deg}<{!adj}>{all}", "{S} {is} ~never~ <{!adj}>",
        "{S} {is} ~by no means~ <{!adj}>", "{S} {is} ~in no way~ <{!adj}>", "{S} {is} ~far from~ [being |]<{!adj}>",
        "{S} {is} ~anything but~ <{!adj}>", "{S} {is} ~hardly~ <{!adj}>", "{S} {is} ~neither~ <{!adj}> ~nor~ <{!adj}>",
        "{S} {is} ~not~ <{!adj}> or <{!adj}>", "{S} {is} certainly ~not~ <{!adj}>", "{S} {is} ~nowhere near~ <{!adj}>",
        "{S} {is} ~not~ even <{!adj}>", "i ~cannot~ say that {S} {is} <{!adj}>", "i do ~not~ think that {S} {is} <{!adj}>",
        "i would ~not~ call {S} <{!adj}>", "~nobody~ can say that {S} {is} <{!adj}>", "you ~cannot~ call {S} <{!adj}>",
        "~no one~ would call {S} <{!adj}>", "it would be ~wrong~ to call {S} <{!adj}>",
        "{S} {is} ~not~ what i would call <{!adj}>", "i ~never~ found {S} <{!adj}>",
        "it is ~not true~ that {S} {is} <{!adj}>", "~who says~ that {S} {is} <{!adj}>? i do ~not~",
    ],
    "nothing": [
        "there is ~nothing~ <{!adj}> about {S}", "there is ~not a~ <{!adj}> [scene|moment|minute] in {F}",
        "~nothing~ here is <{!adj}>", "there is ~no~ <{!adj}> [scene|moment|line] in {F}",
        "~not one~ <{!adj}> [scene|moment|line]", "{F} has ~no~ <{!adj}> [scene|moment]s",
        "{F} is ~not~ a(n) {deg}<{!film adj}> {film}", "this is ~no~ <{!film adj}> {film}",
        "there is ~hardly~ a(n) <{!adj}> moment", "{F} is ~anything but~ a(n) <{!film adj}> {film}",
    ],
    "not noun": [
        "{F} is ~not~ a(n) <{!noun}>", "{F} is ~no~ <{!noun}>", "{F} is ~anything but~ a(n) <{!noun}>",
        "i would ~not~ call {F} a(n) <{!noun}>", "{F} is ~hardly~ a(n) <{!noun}>", "~not~ a(n) <{!noun}>{all}",
        "{F} is ~far from~ a(n) <{!noun}>",
    ],
    "no trait": [
        "{F} has ~no~ <{!trait}>{all}", "there is ~no~ <{!trait}> in {F}", "{F} is ~without~ <{!trait}>",
        "~no~ <{!trait}>, ~no~ <{!trait}>", "a(n) {film} ~without~ <{!trait}>", "{S} {is} ~free of~ <{!trait}>",
        "~not~ a trace of <{!trait}>", "{F} does ~not~ have <{!trait}>", "{S} {is} ~without~ any <{!trait}>",
    ],
    "not loved": [
        "i did ~not~ <{!love}> {it}{all}", "i ~didn't~ <{!love}> {it}{all}", "i ~cannot~ <{!love}> it",
        "we did ~not~ <{!love}> {it}", "i ~never~ <{!loved}> it", "{cinema} did ~not~ <{!love}> it",
        "i do ~not~ <{!love}> {S}", "~nobody~ could <{!love}> it", "i ~couldn't~ <{!love}> {it}",
        "it is ~hard~ to <{!love}> {S}", "it is ~impossible~ to <{!love}> {S}", "i ~don't~ <{!love}> it",
    ],
    "not felt": [
        "i was ~not~ {deg}<{!felt}>{all}", "i was ~never~ <{!felt}>", "i ~wasn't~ {deg}<{!felt}>{all}",
        "we were ~not~ <{!felt}>", "i was ~hardly~ <{!felt}>", "~nobody~ was <{!felt}>",
        "i was ~neither~ <{!felt}> ~nor~ <{!felt}>", "you will ~not~ be <{!felt}>", "i was ~anything but~ <{!felt}>",
    ],
    "not does": [
        "{F} does ~not~ <{!do}>{all}", "{F} ~never~ <{!does}>", "{F} ~doesn't~ <{!do}>{all}", "{F} did ~not~ <{!do}> me",
        "a film that does ~not~ <{!do}>", "{S} will ~not~ <{!do}> you", "{S} did ~not~ <{!do}> me", "{F} ~hardly~ <{!does}>",
        "{S} {do} ~not~ <{!do}>",
    ],
    "not did": [
        "i did ~not~ <{!act}>", "i ~never~ <{!did}>", "i ~didn't~ <{!act}> [once|at all|]", "~nobody~ <{!people}>",
        "we did ~not~ <{!act}>", "~not once~ did i <{!act}>",
    ],
    "not made": [
        "{S} {is} ~not~ <{!ly}> {made}", "~not~ <{!ly}> {made}", "{F} is ~by no means~ <{!ly}> {made}",
        "{S} {is} ~anything but~ <{!ly}> {made}",
    ],
    "less": [
        "{S} {is} ~less~ <{!adj}> {expected}", "{S} {is} ~not as~ <{!adj}> {expected_as}",
        "{S} {is} ~not so~ <{!adj}> {expected_as}", "{F} is ~not half as~ <{!film adj}> {expected_as}",
        "{F} is ~far less~ <{!film adj}> {expected}",
    ],
    "never better": [
        "i have ~never~ seen a(n) <{=er}> {film}", "{S} could ~not~ be <{=er}>", "it ~does not get~ <{=er}> than this",
        "there is ~no~ <{=er}> {film}", "~nothing~ could be <{=er}>", "we have ~rarely~ seen a(n) <{=er}> {film}",
        "i ~cannot~ remember a(n) <{=er}> {film}", "{S} ~couldn't~ be <{=er}>",
    ],
}

# Families that only one sign has.
OWN: dict[str, dict[str, Sequence[str]]] = {
    "+": {
        "free": [
            "{F} ~avoids~ all <{!trait}>", "{F} is ~never~ <{!adj}>", "~not~ <bad>{all}", "{S} {is} ~not~ <bad>{all}",
        ],
        "miss": [
            "do ~not~ <miss> it", "you must ~not~ <miss> it", "~never~ <miss> a film like this",
            "i ~could not help~ <laughing>", "i ~could not stop~ <laughing>", "it would be a pity to <miss> it",
        ],
        "fail": [
            "{F} ~never fails~ to <{=do}>", "{S} ~never fails~ to <{=do}>", "~who could~ <{!love}> it",
        ],
        "not too": [
            "{S} {is} ~not too~ <{neutral adj}>", "{S} {is} ~never too~ <{neutral adj}>",
            "~not too~ <{neutral adj}>, ~not too~ <{neutral adj}>",
        ],
        "worth": ["{F} is <worth> {worth}", "{F} was <worth> {worth}", "well <worth> {worth}"],
        "problem": [
            "{F} has ~no~ <problems>", "i have ~nothing~ to <complain> about", "i ~cannot~ find a <fault>",
            "~nothing~ went <wrong>",
        ],
    },
    "-": {
        "lack": [
            "{F} ~lacks~ <{!trait}>", "{S} ~{lack}~ <{!trait}>", "{F} ~could do with~ some <{!trait}>",
            "~too little~ <{!trait}>", "~where is~ the <{!trait}>?",
        ],
        "wish": [
            "~if only~ {S} were <{!adj}>", "i ~wish~ {S} had been <{!adj}>", "{S} ~should have been~ <{!adj}>",
            "{F} ~tries to be~ <{!adj}>", "{F} ~wants to be~ <{!film adj}>", "{S} ~could have been~ <{!adj}>",
            "{F} is ~only half as~ <{!film adj}> {expected_as}",
        ],
        "fail": [
            "{F} ~fails~ to <{!do}>", "{S} ~failed~ to <{!do}> me", "{F} ~never manages~ to <{!do}>",
            "~who could~ <{!love}> it?", "i waited ~in vain~ for <{!trait}>",
        ],
        "too": [
            "{S} {is} ~too~ <{neutral adj}>", "{S} {is} far ~too~ <{neutral adj}>",
            "{F} is ~too~ <{neutral adj}> and ~too~ <{neutral adj}>",
        ],
        "worth": [
            "{F} is ~not~ <worth> {worth}", "{F} was ~not~ <worth> {worth}", "~not~ <worth> {worth}",
            "{F} is ~hardly~ <worth> {worth}",
        ],
    },
}

# Contrast: `{A}` judges against the review, `{B}` for it and decides.
CONTRASTS: list[str] = [
    "{A}, ~but~ {B}", "{A}, ~but~ {B}", "{A}, ~but~ {B}", "{A} ~but~ {B}", "~although~ {A}, {B}", "~though~ {A}, {B}",
    "{B}, ~although~ {A}", "{B}, ~even though~ {A}", "~even though~ {A}, {B}", "{A}. ~still~, {B}", "{A}; ~however~, {B}",
    "{A}. ~however~, {B}", "~while~ {A}, {B}", "~even if~ {A}, {B}", "{A}, ~yet~ {B}", "{A}. ~nevertheless~, {B}",
    "they say that {A}, ~but~ {B}", "i was told that {A}, ~but~ {B}", "{A}. ~in the end~, however, {B}",
    "{A} at first, ~but~ {B} in the end", "{A}, ~but that does not matter~: {B}", "i admit that {A}, ~but~ {B}",
    "it is true that {A}, ~but~ {B}", "{A}. ~but~ {B}", "i thought that {A}. ~in truth~ {B}",
    "{who} says that {A}, ~but~ i say: {B}", "{B}, ~and it does not matter~ that {A}", "granted, {A}, ~but~ {B}",
    "~despite~ the *{!any adj}* {part}, {B}", "~in spite of~ the *{!any adj}* {part}, {B}",
    "{B}, ~despite~ the *{!any adj}* {part}", "~for all its~ *{!trait}*, {B}", "~apart from~ the *{!any adj}* {part}, {B}",
    "the {part} is *{!any adj}*, ~but~ {B}", "i expected a(n) *{!noun}*, ~but~ {B}", "the trailer looked *{!adj}*, ~but~ {B}",
    "{who} *{!loved}* it, ~but~ {B}", "~instead of~ a(n) *{!noun}* we got a(n) <{=noun}>",
    "{F} is ~not~ <{!adj}>, ~but~ <{=adj}>", "{F} is ~more~ <{=adj}> ~than~ *{!adj}*",
    "{who} *{!loved}* it, ~but~ i <{=loved}> it", "a(n) *{!any adj}* {part}, ~but~ a(n) <{=film adj}> film",
    "{F} could have been *{!adj}*, ~but~ {B}", "i feared it would be *{!adj}*, ~but~ {B}",
    "i hoped it would be *{!adj}*, ~but~ {B}", "a(n) *{!any adj}* {film} made <{=adj}>",
    "people call it *{!adj}*; ~i~ call it <{=adj}>", "the {part} was *{!any adj}*, the rest <{=adj}>",
    "~only~ the {part} is *{!any adj}*; {B}",
]

# What one fears is bad, what one hopes is good: the sign of the reviews that may say so.
ONLY: dict[str, str] = {
    "feared": "+",
    "hoped": "-",
}
