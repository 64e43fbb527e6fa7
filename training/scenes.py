"""Facts told in two steps: something that happens with the subject, and then a remark that names the answer.

Every scene goes with every remark of the relation. Also more everyday sentences, for words that facts do not use.
"""

from __future__ import annotations

from collections.abc import Sequence

SCENES: dict[str, Sequence[str]] = {
    "place": [
        "{someone} {moved} to {X} {when}", "{someone} {moved} from {X} to the {room}", "{someone} {took} a(n) {thing} at {X}",
        "{someone} lost {p_any} {thing} near {X}",
        "{someone} [met|saw|called|helped|followed|waited for] {someone} [at|near|in front of|behind] {X}",
        "{people} [sang|waited|slept|laughed|came together|talked] [at|near] {X}", "{weather} at {X}",
        "the {thing} was [left|found|lost|sold|bought] [at|near] {X}", "{X} was {quality} {when}",
        "{X} is [open|closed|full|empty|quiet|busy] {when}",
        "{someone} [drew|painted|photographed|described|remembered|loved|dreamed of|talked about|read about] {X}",
        "{someone} can see {X} from {p_any} [window|room|house|garden]",
        "the [train|bus|plane|taxi|boat] [stopped|arrived|left|was late] at {X}", "{someone} [has|had] never seen {X}",
        "here is a [picture|photo|map|book|song|story] of {X}", "{someone} showed {name} a [picture|photo] of {X}",
        "the {room} is [next to|behind|near] {X}", "i am [at|near|in front of] {X}", "we are [at|near|on the way to] {X}",
        "{someone} wants to [see|visit|find|paint] {X}", "{someone} [works|lives|is waiting|plays|sings] [at|near] {X}",
        "there was a [game|party|concert|meeting|fire|storm] at {X}",
        "the {animal} [ran|slept|sat|lived|flew] [to|near|behind|around] {X}", "{someone} is looking for {X}",
        "tomorrow {someone} will [visit|see|reach] {X}", "{X}! {someone} {said}",
        "{someone} [cleaned|guarded|helped to build|repaired|opened] {X}",
        "the [door|window|roof|clock|lamp]s of {X} [were|are] {quality}", "{someone} got lost on the way to {X}",
    ],
    "country": [
        "{someone} {moved} to {X} {when}", "{someone} [comes|came|is|was] from {X}", "{someone} {took} a(n) {thing} in {X}",
        "{someone} [met|saw|helped] {someone} in {X}", "{weather} in {X}", "{someone} [has|had] never been to {X}",
        "{someone} [loves|likes|knows|visited|left|misses|dreamed of] {X}",
        "the {thing} [comes|came|was sent|was brought] from {X}", "we are in {X}",
        "{someone} [lives|works|was born|grew up|travels|has a house|has friends] in {X}",
        "{people} [came|travelled|moved] [to|from] {X}", "{someone} wants to [see|visit] {X}", "i love {X}",
        "{someone} [read|wrote] a [book|letter|story|song] about {X}", "here is a [map|picture|photo|book] of {X}",
        "tomorrow {someone} will [fly|travel|go] to {X}", "think of {X}", "look at {X}", "{someone} got a letter from {X}",
        "the [train|plane|ship] [left for|arrived in|came from] {X}", "my {relative} has friends in {X}",
        "{someone} [talked|asked|knew nothing] about {X}",
    ],
    "person": [
        "{someone} [read|wrote|bought|found] a book about {X}", "{X} was {mood}",
        "{X} [loved|knew|wrote about|thought about] the {thing}", "{X} had a {relative}", "{X} became a [famous|great] {K}",
        "{someone} [loves|likes|admires|knows|talked about|asked about|read] {X}", "{X} was a {K}", "{X} lived long ago",
        "here is a [picture|photo|book|statue] of {X}", "{X} [worked|travelled|sat] {where}", "{X} once {took} a(n) {thing}",
        "we learned about {X} at school", "{X} is a well-known name", "{X} had many friends", "think of {X}",
        "the museum tells the story of {X}",
    ],
}

_PLACE = [
    "{they_are} in {in_city}{=}", "this [is|was|must be] {=}", "so [i know|we know|you know] that it [is|was] {=}",
    "the [name of the |]city is {=}", "it [was|is] in {in_city}{=}", "that [is|was] in {in_city}{=}", "where was that? in {=}",
    "which city was that? it was {=}", "[he|she|they|we|i] [liked|loved|enjoyed|knew|saw|left|reached|admired] {the_city}{=}",
    "welcome to {=}", "[he|she|they|we] [walked|drove|ran|went] through {center}{=}",
    "this [happened|took place] in {in_city}{=}", "the [hotel|house|room] [is|was] also in {in_city}{=}",
    "[he|she|they|we] stayed in {in_city}{=}", "then [he|she|they|we] [saw|visited] the other {room}s of {=}",
    "all the people of {the_city}{=} knew it", "the {most} {room} in {=} is near",
    "[he|she] [took|missed] the [train|bus] to {center}{=}", "{they_were} [lost|happy|alone|tired|cold] in {in_city}{=}",
    "[he|she|they|we] had [come|travelled|moved] to {=}", "it [rained|was cold|was warm|was dark] in {=}",
    "the [police|people|children] of {=} helped",
    "[he|she|they|we] [will|would|must|could|had to] [stay|sleep|work|live] in {in_city}{=}", "the town is called {=}",
    "at last {they_were} in {in_city}{=}", "not {wrong}, but {=}", "yes, in {=}",
    "[his|her|my|our] {relative} [lives|works|was] in {=} too",
    "[he|she|they] [never|always|often|soon] [left|came back to|returned to] {=}", "we think of {the_city}{=}",
    "[his|her] home is in {=}", "{=} was {adj}",
]

REMARKS: dict[str, Sequence[str]] = {
    "city": _PLACE,
    "place country": [
        "{they_were} in the country of {=}", "the [name of the |]country is {=}", "in which country? in {=}",
        "the country is called {=}", "the people of the country of {=} knew it",
    ],
    "capital": [
        "[he|she|they|we] [saw|visited|liked|loved|reached] the capital, {=}", "the capital is {adv}{=}",
        "[he|she|they|we] [lived|stayed|worked] in the capital, {=}", "its capital is {=}", "the government is in {=}",
        "which city is the capital? {=}", "the name of the capital is {=}", "[he|she|they] went to the capital, {=}",
        "the [king|queen|president|government|parliament] [was|is|meets|sits|met] in {the_city}{=}",
        "the capital is called {=}", "the president came from {=}", "its government [sits|meets|works] in {=}",
        "[he|she|they] took the train to the capital, {the_city}{=}", "the seat of the government there is {=}",
        "its {most} city is the capital, {=}", "the capital was {adj}: it was {=}",
        "[he|she|they|we] learned that the capital is {=}", "they are ruled from {=}", "the capital is not {wrong}, it is {=}",
        "the ministers were in {=}",
    ],
    "language": [
        "[he|she|they|we] [spoke|learned|heard|understood] {=}", "[he|she] [speaks|learns|understands|hears] {=}",
        "[they|we] [speak|learn|understand|hear] {=}", "[he has|she has|they have|we have|he had|they had] to speak {=}",
        "the language [there |]is {adv}{=}", "there they speak {=}", "the people [there |]speak {=}", "everyone spoke {=}",
        "[he|she|they] [did not speak|did not understand|wanted to learn|cannot read] {=}",
        "[he|she|they|we] [said|wrote|sang|asked|answered] it in {=}", "[he|she|they] {said} in {=} that {clause}",
        "the {thing} had a text in {=}", "do you speak {=}", "so [he|she|they|we] [learned|must learn|should learn] {=}",
        "which language was that? it was {=}", "the children [learned|sang in|speak|wrote in] {=}",
        "the [book|letter|song|story|radio|newspaper] [was|is] in {=}", "all [signs|books|letters|songs] [are|were] in {=}",
        "[his|her] {relative} [taught|teaches] {=}", "[he|she|they] talked to each other in {=}",
    ],
    "currency": [
        "[he|she|they|we] paid with the {=}", "the currency [there |]is the {=}", "the money is called the {=}",
        "[he|she|they|we] [needed|changed money into|had no money, no] the {=}", "the {thing} was paid with the {=}",
        "the shops [took|wanted] the {=}", "the bank had the {=}", "they use the {=} there",
        "what money do they have? the {=}", "they do not take the {wrong}, they take the {=}",
    ],
    "continent": [
        "{they_were} in {=}", "the continent is {=}", "that is in {=}", "which continent is that? it is {=}",
        "it is part of {=}", "[he|she|they|we] saw much of {=}", "[he|she|they] [liked|loved|left] {=}",
    ],
    "birth": [
        "{p_he} was born in {in_city}{=}", "{p_he} came from {the_city}{=}", "{p_his} home town was {=}",
        "{p_his} mother lived in {in_city}{=}", "where was {p_he} born? in {=}", "{p_his} life began in {in_city}{=}",
        "{p_he} was a child in {=}", "as a [child|boy|girl], {p_he} lived in {in_city}{=}",
        "the house where {p_he} was born is in {in_city}{=}", "{p_his} birthplace is {=}",
        "{p_his} first home was in {in_city}{=}", "{p_he} never forgot {p_his} home town, {=}",
        "{p_he} was born long ago in {=}", "the city where {p_he} was born is {=}", "{p_his} family came from {the_city}{=}",
        "{p_his} first school was in {=}", "{p_he} grew up in {=}", "the town {p_he} came from was {=}",
    ],
}

# Between the scene and the remark.
JOINTS = [
    ". ", ". ", ". ", ". ", ", and ", ", so ", ": ", " because ", "; ", ", where ", " and ", ", for ", "! ", ", but ",
    " when ", " - ", ". {clause}. ", ". I think ", ". {someone} {says} that ", ", but at last ",
]

RULES: dict[str, Sequence[str]] = {
    "p_any": ["his", "her", "my", "our", "the", "their", "a"],
    "they_are": ["[he|she|{someone}|{name}] [is|was|must be]", "[they|we] [are|were|must be]", "I [am|was]"],
    "they_were": ["[he|she|{name}] was", "[they|we] were"],
    "more": [
        "[anyone|everyone|whoever|no one] who {took} the {thing} [was|is] {mood}", "there is something {quality} {where}",
        "there was something else {where}", "is there anything else {where}", "{someone} did not have any {thing}s",
        "[only|even] the {job} {took} the {thing}", "only one {thing} is {quality}", "the only {thing} [was|is] {where}",
        "{someone} has {p_any} own {thing}", "have you ever seen such a {quality} {thing}",
        "nothing is as {quality} as the {thing}", "whenever {clause}, {name} {takes} the {thing}",
        "{someone} {took} neither the {thing} nor the {thing}",
        "{name} and {name} [know|love|help|like|talk to|write to] each other", "{name} woke up {when}",
        "{someone} wakes up {when}", "[they|we|the {animal}s] wake up {when}", "{someone} went to the bank",
        "the [bank|station|church|town] is {where}", "[welcome|come] to our {room}, {name}", "welcome, {name}",
        "{someone} is a good swimmer", "{someone} was the happiest [man|woman|child|king] {where}",
        "the {quality} churches and towns were {where}", "the villages near {city} are {adj}",
        "they will build a(n) {quality} {room} {where}", "{name} helped {name} to build a {thing}",
        "the [game|lesson|concert|song|story] begins {when}", "our team will win the game", "{name} wins every game",
        "the word {thing} begins with a [B|C|L|T|P|M|S]", "{someone} {took} it, namely the {thing}", "a visitor came {when}",
        "every visitor {takes} a {thing}", "{someone} understood nothing", "{name} understood the {job}",
        "{someone} talked about many things", "{someone} talks to {name} {when}", "the {thing}s hang {where}",
        "a(n) {quality} {thing} hangs {where}", "{someone} is upstairs", "the room upstairs was {quality}",
        "{someone} fell in love with {name}", "{someone} took part in the game", "what {name} {said} was true",
        "that is what {name} {said}", "it took {few} days to {clean_it} the {thing}",
        "{someone} [spent|had|lost] {small} [euros|dollars|pounds]", "the {thing} costs [more|less] than the {thing}",
        "[more|most|all|some|none|half] of the {thing}s were {quality}",
        "{someone} has to [leave|pay|come|go|wait|work|sleep] {when}",
        "{someone} would [like|love|want] to {clean_it} the {thing}", "{someone} used to live {where}",
        "{someone} must have {done} the {thing}", "the {thing} which {someone} had {done} was {quality}",
        "if i were {mood}, i would {clean_it} the {thing}", "how {quality} the {thing} is", "let us {clean_it} the {thing}",
        "{someone} flew low over the [sea|houses|trees|river]", "the swimmer came out of the water",
        "{someone} laughed at {name}", "{someone} gave a party", "the river runs [through|past] the {room}",
        "it never rains {where}", "they [never|always] left the {room}", "{name}'s {thing} was {quality}",
        "{someone} is on the way to the {room}", "{someone} turned [left|right] at the {room}",
        "this {thing} is more important than that {thing}", "like every {job}, {name} has a {thing}",
    ],
    "clean_it": (
        "clean see find buy sell open close carry paint read visit use reach forget remember bring take make hear"
    ).split(),
    "done": (
        "seen found bought sold opened closed carried painted read visited used forgotten brought taken made heard "
        "written given lost"
    ).split(),
}
