"""Rules for everyday sentences: short clauses, small stories with names and pronouns, opinions, and quotations.

`{N}` is the person of a story, `{he}`, `{him}` and `{his}` the pronouns, `{O}` another person.
"""

from __future__ import annotations

from collections.abc import Sequence

RULES: dict[str, Sequence[str]] = {
    "thing": (
        "book letter key map ticket box bag hat coat lamp cup glass bottle chair table door window picture photo "
        "clock watch ring phone bicycle car boat ball toy knife plate bread cake apple orange flower tree stone coin "
        "pen pencil radio camera piano guitar"
    ).split(),
    "animal": "dog cat horse cow bird fish rabbit goat sheep mouse lion bear duck chicken pig".split(),
    "room": (
        "kitchen garden house room hall cellar office school shop library church hotel museum theatre park station "
        "street market field forest village bakery hospital airport harbour tower castle"
    ).split(),
    "quality": (
        "old new red blue green white black small big heavy light broken empty full clean dirty warm cold wet dry "
        "lovely strange beautiful cheap expensive open closed soft hard little large round yellow brown"
    ).split(),
    "mood": (
        "happy sad tired angry hungry thirsty afraid proud late early ill busy quiet alone lucky glad bored lost "
        "ready sorry surprised"
    ).split(),
    "moved": [
        "went", "walked", "ran", "drove", "came", "hurried", "travelled", "rode", "returned", "moved", "flew", "followed {O2}",
        "climbed up",
    ],
    "goes": ["goes", "walks", "runs", "drives", "comes", "hurries", "travels", "returns", "rides"],
    "took": (
        "took bought found lost sold saw carried opened closed dropped cleaned painted broke hid forgot needed "
        "wanted liked brought kept made repaired washed moved left used fixed borrowed watched noticed"
    ).split(),
    "takes": (
        "takes buys finds loses sells sees carries opens closes drops cleans paints breaks hides needs wants likes "
        "brings keeps makes uses"
    ).split(),
    "O2": ["{name}", "the {job}", "a friend", "the children", "the {animal}", "them", "us"],
    "prep": "in on under behind near beside inside over above below outside around".split(),
    "where": [
        "in the {room}", "at the {room}", "near the {room}", "behind the {room}", "on the {thing}", "under the {thing}",
        "in {city}", "at home", "in {country}", "at school", "outside", "here", "there", "next to the {room}",
        "in front of the {room}", "from the {room}", "by the river", "by the sea",
    ],
    "weather": [
        "it [rained|snowed|was raining|was snowing|was cold|was warm|was dark|was hot|got late|was sunny|was windy]",
        "the sun [was shining|shone|came out|went down]",
        "the [sky|sea|night|water|air] was [blue|grey|dark|clear|calm|cold|warm]", "the wind was [strong|cold]",
        "there was [snow|rain|wind|a storm|no light]",
    ],
    "clause": [
        "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}", "{more}",
        "{someone} [was|is|became|seemed|looked] {mood}", "{someone} {took} the {thing}",
        "{someone} {took} a(n) {quality} {thing} {where}", "{someone} {moved} to the {room}", "{someone} {moved} to {city}",
        "the {thing} [was|is] {quality}", "the {thing} [was|is] {where}", "the {animal} [sat|slept|ran|ate|waited|is] {where}",
        "{weather}", "{people} [came|went|waited|sang|laughed|talked|sat|worked|slept|lived] {where}",
        "{someone} lives {where}", "{someone} [works|waits|sleeps|sits|sings|reads] {where}",
        "{name} and {name} [went|walked|ran|drove|flew|travelled] to the {room}", "{name} and {name} [were|are] {mood}",
        "there [was|is] a(n) {quality} {thing} {where}", "the {room} [was|is] {quality}", "we {took} {few} {thing}s {where}",
        "i [was|am] {mood}", "{someone} [gave|showed|sent|brought] {name} a(n) {thing}", "{someone} {says} nothing",
        "{someone} speaks {tongue}", "{someone} {moved} from {city} to {city}", "we [were|are] {mood}",
        "they {moved} to the {room} {when}", "the {animal} and the {animal} [were|are] {where}",
        "the [train|bus|plane|ship] [left|arrived|stopped|was late|landed] {when}",
        "{someone} [lost|found|paid|counted] the money", "nobody {took} the {thing}", "{someone} [asked|answered] a question",
        "{someone} has {few} {thing}s", "the {quality} {thing} cost {small} [euros|dollars|pounds]",
        "{someone} {goes} to the {room} {when}", "{someone} {takes} the {quality} {thing}",
        "it [was|is] a [long|short|good|bad|lovely|difficult] [day|night|story|way|question|trip]",
        "{someone} was born in {year}",
        "the [lesson|game|concert|party|film|play|story|journey|meeting] [began|started|ended|was over|was long] {when}",
        "{someone} [is|was] {few} years old", "the {job} [knows|knew|met|called|helped|saw|visited|asked] {name}",
        "{someone} [wants|wanted|hopes|hoped] to see {city}",
        "{someone} [is|was] [taller|older|younger|faster|happier|richer] than {name}",
        "the {thing} is [bigger|smaller|older|cheaper|heavier] than the {thing}",
        "{someone} [can|could|will|would|must|should] [come|help|wait|sing|swim|read|write|go home|stay "
        "here|pay|sleep|begin|stop|tell the story]",
    ],
    "clause.": [
        "{clause}.", "{when} {clause}.", "{clause}, and {clause}.", "{clause}, but {clause}.", "{clause} because {clause}.",
        "{clause} while {clause}.", "{clause} {when}.", "when {clause}, {clause}.", "if {clause}, {clause}.",
        "{adverb} {clause}.", "{someone} {says} that {clause}.", "{clause}!", "although {clause}, {clause}.",
        "{someone} asked if {clause}.", "so {clause}.", "then {clause}.", "before {clause}, {clause}.",
        "{clause} until {clause}.", "after {clause}, {clause}.",
    ],
    "told": [
        "{N} [was|felt|looked|became] {mood} because {he} {took} the {thing}.",
        "{N} {moved} to the {room} {when}. {he} {took} a(n) {thing}.",
        "{N} {took} {his} {thing} {where}. {he} [was|felt] {mood}.",
        "{N} [said|thought|knew|hoped|believed|felt|saw] that {he} [was|had been|would be] {mood}.",
        "{N} [said|thought|knew] that {he} {took} the {thing}.",
        "when {N} {moved} to the {room}, {he} [saw|met|heard|followed] the {animal}.",
        "{N} {took} the {thing}, and then {he} {moved} to the {room}.", "{N} [washed|cut|hurt|looked at] {his} hands.",
        "{N} [lives|lived] {where} with {his} [dog|cat|family|parents|children|friends].",
        "the {job} [saw|helped|knew|called|followed|asked] {N} when {he} {moved} to the {room}.",
        "{N} [wants|wanted] to [read|buy|sell|see|find] {his} {thing}, but {he} could not.",
        "{N} [asked|told] {O} to [help|follow|call|visit|wait for] {him}.",
        "{N} [loves|likes|liked|loved] the {thing} that {his} {relative} gave {him}.",
        "before {he} {moved} to the {room}, {N} {took} the {thing}.",
        "{N} opened the door, and the {animal} [saw|bit|followed|knew] {him}.",
        "if {N} is {mood}, {he} [sings|sleeps|reads|goes home|calls a friend].",
        "{N} could not sleep, so {he} [read|sang|worked|got up].", "{N} [is|was] {mood}, is{n't} {he}?",
        "{N} {moved} to the {room}, where {he} [lost|found|forgot|left] {his} {thing}.",
        '"i am {mood}," {N} said, and {he} [smiled|laughed|cried|went away].', "{N} made {himself} a cup of tea.",
        "everyone [liked|knew|loved|helped] {N} because {he} was {adj2}.",
        "{N} [turned|looked] around when somebody called {him}.", "that {thing} belongs to {N}: it is {his} {thing}.",
        "{N} [said|thought|says|thinks] {he} [is|was] {mood}.",
        "{N} [never|always|often|sometimes] {took} {his} {thing} when {he} was {mood}.", "does {N} know that {he} is {mood}?",
        "{N} has a {relative}. {his} {relative} is {mood}.", "{N} fell, but {he} did not hurt {himself}.",
        "{N} is from {city}. {he} [works|lives] {where}.",
    ],
    "n't": [" not"],
    "adj2": "kind good funny honest clever brave friendly polite helpful".split(),
    "quote": [
        '{someone} {said}, "{speech}"', '"{speech}," {said} {someone}.', '"{speech}", {someone} {said}.',
        '"{speech}!" {someone} {said}.', '"{asked}?" asked {someone}.', '"{asked}?" - "{speech}."',
        '{someone} {said}: "{speech}."', '"{speech}," {someone} {said}, "and {speech}."',
        '"{speech}," {said} {someone}, "but {speech}."', 'the {job} called: "{speech}!"',
        'she read the words "{speech}" {where}.', '"{asked}?" {someone} asked. "{speech}," {someone} answered.',
        'the word "{thing}" [has|means|is] {quality}.', 'the book "the {quality} {thing}" is {where}.', "{clause} ({clause}).",
        "the {thing} (a {quality} one) is {where}.", "the {animal} ({clause}) is {mood}.",
        "{someone} (my {relative}) {moved} to the {room}.", "the {room} (the {quality} one) was {quality}.",
        "{lb}{clause}{rb}", "({clause}.)", '{someone} wrote the word "{thing}" on the {thing}.',
        '{name} [said|wrote] "{thing}" and {name} [said|wrote] "{thing}".',
    ],
    "said": "said answered called cried asked whispered shouted replied thought wrote".split(),
    "speech": [
        "{clause}", "{clause}", "i {took} the {thing}", "come to the {room}", "give me the {thing}", "we must go home",
        "good [morning|night|evening], {name}", "thank you, {name}", "the {thing} is {quality}", "yes, {clause}",
        "no, {clause}", "do not open the {thing}", "my {thing} is {quality}", "i love {city}",
    ],
    "asked": [
        "where is the {thing}", "who {took} the {thing}", "are you {mood}", "is the {thing} {quality}", "what is your name",
        "can you help me", "why is {name} {mood}", "do you speak {tongue}", "how much is the {thing}",
        "when did {name} {come} home", "have you been to {city}", "how are you", "did you see my {thing}",
    ],
    "come": ["come"],
    "hello": [
        "[hello|good morning|good evening], {name}. how are you?\nI am {mood}, {thanks}. and you?\nI am {mood} "
        "[too|today|because {clause}].", "now I ask you:\nwhat is your name?\nmy name is {name}.",
        "what is your name?\nmy name is {name}, and I am {mood}.", "{name}: {asked}?\n{name}: {speech}.\n{name}: {speech}.",
        "dear {name},\n{clause.} {clause.}\nyour {relative} {name}",
        "{name}: where are you from?\n{name}: I am from {city}. and you?\n{name}: I come from {country}.",
    ],
    "thanks": ["thank you", "thanks"],
}

# Opinions: what is judged, and words of both signs.
JUDGED = (
    "film movie book play story meal hotel song concert show game restaurant trip room service food music "
    "performance party lesson museum coffee"
).split()
GOOD = (
    "wonderful great excellent brilliant beautiful lovely fantastic amazing delicious charming funny perfect superb "
    "exciting interesting good clever"
).split()
BAD = (
    "boring terrible awful bad horrible dull poor disappointing ugly dirty slow weak dreadful stupid annoying sad "
    "cheap"
).split()
OPINION: dict[str, Sequence[str]] = {
    "very": ["", "", "", "very ", "really ", "quite ", "so ", "truly ", "rather ", "simply ", "absolutely ", "extremely "],
    "verdict": [
        "the {J} was {very}{A}", "the {J} is {very}{A}", "this {J} was {very}{A}", "this is a(n) {A} {J}",
        "it was a(n) {very}{A} {J}", "what a(n) {A} {J}", "i found the {J} {very}{A}", "the {J} {when} was {very}{A}",
        "the {J} was {very}{A} and {very}{B}", "the {J} was {A}, {B} and {A2}", "the {J} seemed {very}{A} to {someone}",
        "the {J} was not {Z} but {A}", "we thought that the {J} was {very}{A}", "{someone} {says} that the {J} was {very}{A}",
        "the {J} was {A}, and the {J2} was {B}", "a(n) {very}{A} {J}", "the {J} was not {Z}, it was {A}",
    ],
    "good act": [
        "loved it", "liked it very much", "enjoyed it", "laughed a lot", "want to see it again", "will come back soon",
        "was happy", "smiled all evening", "can recommend it", "was glad to be there", "had a wonderful time",
        "would go again", "told all my friends to go", "thanked everyone", "loved every minute", "enjoyed every minute",
    ],
    "bad act": [
        "hated it", "did not like it", "fell asleep", "left early", "want my money back", "will never come back", "was bored",
        "was angry", "cannot recommend it", "was glad when it was over", "had a terrible time", "would not go again",
        "told all my friends to stay at home", "was disappointed", "hated every minute", "regretted every minute",
    ],
    "good end": [
        "everyone loved it", "it was a good evening", "people [laughed|clapped|smiled]", "nobody wanted to leave",
        "it was worth the money", "i was happy",
    ],
    "bad end": [
        "everyone hated it", "it was a bad evening", "people [left|slept|were angry]", "nobody wanted to stay",
        "it was a waste of money", "i was sorry",
    ],
    "label": [
        "the overall sentiment is {L}", "the overall sentiment of this [review|text|sentence] is {L}", "sentiment: {L}",
        "the sentiment [is|of the review is] {L}", "this [review|opinion|text|sentence] is {L}", "in short, the review is {L}",
        "it is a {L} [review|opinion]", "overall, the review is {L}", "{someone} wrote a {L} review", "label: {L}",
        "this sounds {L}", "overall sentiment: {L}",
    ],
    "review": [
        "{verdict}. I {act}.", "{verdict}. I {act}.", "{verdict} and I {act}.", "{verdict}. I {act} and I {act}.",
        "{verdict}, so I {act}.", "{verdict}. {ending}.", "{verdict}. {verdict}. I {act}.", "I {act}. {verdict}.",
        "I {act} because {verdict}.", "{clause.} {verdict}. I {act}.", "{verdict}! {ending}. I {act}.", "{verdict}. {label}.",
        "{verdict}. I {act}. {label}.", "{verdict}. {ending}. {label}.", "review: {verdict}. I {act}.\n{label}",
        "{verdict}. {verdict}. {label}.", "{verdict}.\n{label}", "text: {verdict}. {ending}.\n{label}",
        "{verdict}. [we|they] {act}.", "{someone} {says}: {verdict}. {label}.", "{clause.} {verdict}. {label}.",
        "in my opinion {verdict}. I {act}.", "{verdict}, and {ending}.",
    ],
}
