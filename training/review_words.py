"""Words of film reviews. Words of judgement stand by sign, `+` and `-`."""

from __future__ import annotations

# What is judged, by sort: in the singular, in the plural.
SUBJECTS: dict[str, tuple[str, str]] = {
    "film": (
        "film, movie, picture, whole film, whole thing, first half, second half, sequel, remake, comedy, thriller, drama", "",
    ),
    "story": (
        "story, plot, ending, script, beginning, last scene, opening, final twist, mystery, romance, idea", "twists",
    ),
    "acting": (
        "acting, cast, lead, leading actor, leading actress, hero, heroine, villain, performance, main actor, young star",
        "actors, performances, characters, stars, child actors, supporting actors",
    ),
    "look": (
        "photography, camera work, scenery, animation, set, lighting, design", "costumes, pictures, effects, sets, colours",
    ),
    "sound": ("music, soundtrack, score, sound, song at the end, title song", "songs, tunes"),
    "words": (
        "dialogue, humour, direction, pace, editing, writing, dubbing", "jokes, dialogues, lines, gags, speeches",
    ),
}

# Adjectives, by what they judge; those of "any" suit everything.
ADJECTIVES: dict[str, dict[str, str]] = {
    "+": {
        "any": "good, great, wonderful, excellent, brilliant, superb, fantastic, marvellous, splendid, terrific, "
            "magnificent, amazing, perfect, fine, lovely, delightful, charming, enjoyable, impressive, remarkable, "
            "outstanding, fabulous, stunning, memorable, fresh, exciting, interesting, clever, strong, beautiful, nice, "
            "pleasant, satisfying, extraordinary, exceptional, admirable, first-class, solid, unforgettable, masterful, "
            "inspired, refreshing, rewarding",
        "film": "entertaining, gripping, moving, funny, touching, hilarious, thrilling, captivating, absorbing, "
            "heartwarming, intelligent, suspenseful, powerful, stylish, fun, worthwhile, watchable, thoughtful, "
            "engaging",
        "story": "gripping, original, moving, touching, surprising, thrilling, captivating, absorbing, intelligent, logical, "
            "imaginative, credible, powerful, romantic, rich, ingenious, subtle, poetic, engaging, thoughtful",
        "acting": "convincing, believable, natural, likeable, talented, gifted, lively, warm, sympathetic, passionate, "
            "captivating, funny, credible, radiant, subtle, moving, flawless",
        "look": "gorgeous, breathtaking, dazzling, spectacular, magical, imaginative, elegant, colourful, stylish, flawless",
        "sound": "haunting, catchy, moving, rousing, melodic, magical, cheerful, elegant, gorgeous",
        "words": "witty, sharp, funny, hilarious, intelligent, elegant, lively, sparkling, subtle, confident, natural, "
            "imaginative, flawless",
    },
    "-": {
        "any": "bad, terrible, awful, horrible, dreadful, poor, boring, dull, disappointing, weak, mediocre, miserable, "
            "pathetic, lousy, appalling, atrocious, abysmal, ridiculous, stupid, annoying, unbearable, tedious, "
            "uninspired, forgettable, hopeless, embarrassing, dire, ghastly, irritating, tiresome, painful, silly, "
            "bland, feeble, unpleasant, worthless, laughable, dismal, third-rate, amateurish, tired, inferior, "
            "unimpressive",
        "film": "pointless, slow, confusing, overlong, shallow, empty, pretentious, unfunny, unwatchable, lifeless, messy, "
            "predictable, monotonous, stale, heartless, muddled, clumsy, joyless, sloppy",
        "story": "predictable, confusing, shallow, thin, empty, pointless, muddled, incoherent, sentimental, absurd, "
            "implausible, messy, slow, contrived, hollow, stale, unoriginal, flimsy, monotonous, illogical",
        "acting": "wooden, stiff, lifeless, unconvincing, clumsy, flat, monotonous, miscast, unlikeable, arrogant, hollow, "
            "implausible, exaggerated, joyless, cold, sloppy, untalented",
        "look": "ugly, cheap, blurry, shabby, drab, clumsy, tasteless, fake, lifeless, sloppy",
        "sound": "shrill, noisy, monotonous, grating, unmelodic, lifeless, tasteless, tuneless, deafening",
        "words": "clumsy, flat, lame, stale, unfunny, shallow, pretentious, sloppy, lifeless, monotonous, wooden, crude, "
            "tasteless",
    },
}

# Comparatives and superlatives.
DEGREES: dict[str, str] = {
    "+": "better best, finer finest, funnier funniest, greater greatest, lovelier loveliest, stronger strongest, nicer "
        "nicest, fresher freshest, cleverer cleverest, wittier wittiest, livelier liveliest, richer richest",
    "-": "worse worst, duller dullest, sillier silliest, weaker weakest, poorer poorest, slower slowest, flatter "
        "flattest, lamer lamest, clumsier clumsiest, emptier emptiest, shallower shallowest, uglier ugliest",
}

# Other words of judgement, by their place in a wording.
WORDS: dict[str, dict[str, str]] = {
    "+": {
        "noun": "masterpiece, triumph, gem, delight, treat, joy, success, pleasure, classic, marvel, miracle, winner, "
            "wonder, jewel, feast, hit, sensation, highlight",
        "trait": "charm, wit, warmth, suspense, imagination, humour, energy, passion, style, grace, depth, heart, talent, "
            "magic, tension, wisdom, ideas, elegance, life, sparkle",
        "loved": "loved, enjoyed, liked, adored, admired, treasured, praised, cherished",
        "love": "love, enjoy, like, adore, admire, treasure, praise, cherish, appreciate, recommend",
        "felt": "moved, amused, thrilled, touched, impressed, entertained, delighted, charmed, fascinated, enchanted, "
            "captivated, pleased, satisfied, inspired, absorbed, overwhelmed",
        "does": "grips, impresses, amuses, charms, moves, convinces, delights, entertains, thrills, fascinates, shines, "
            "works, succeeds, sparkles",
        "do": "grip, impress, amuse, charm, move, convince, delight, entertain, thrill, fascinate, shine, work, succeed, "
            "sparkle, please",
        "did": "laughed, smiled, applauded, clapped, cheered, laughed out loud, cried with joy, held my breath, fell in "
            "love with it, applauded at the end",
        "act": "laugh, smile, applaud, clap, cheer, hold my breath",
        "advice": "go and see it, buy a ticket, see it twice, watch it again, highly recommended, worth every penny, worth "
            "seeing, recommended, worth the money, worth your time, i want to see it again, i would gladly watch it "
            "again, i can recommend it, five stars, ten out of ten, i cannot wait for the next one, bravo, a must",
        "people": "clapped, laughed, cheered, applauded, stayed to the end, loved it, adored it, were delighted, were "
            "thrilled, cheered at the end",
        "ly": "brilliantly, beautifully, superbly, wonderfully, perfectly, cleverly, well, skilfully, elegantly, "
            "masterfully, convincingly, splendidly",
    },
    "-": {
        "noun": "mess, disaster, failure, bore, letdown, disappointment, flop, catastrophe, nightmare, insult, joke, "
            "mistake, shame, dud, fiasco, torture, embarrassment, shambles",
        "trait": "clichés, mistakes, holes, nonsense, noise, kitsch, errors, flaws, platitudes, stupidity, boredom, "
            "confusion, repetition, vulgarity, faults, weaknesses, lies, gaps, trash",
        "loved": "hated, disliked, detested, loathed, regretted, despised, resented",
        "love": "hate, dislike, detest, loathe, regret, despise, resent",
        "felt": "bored, annoyed, disappointed, irritated, tired, confused, frustrated, disgusted, embarrassed, angered, "
            "underwhelmed, exhausted, appalled, cheated, insulted, offended",
        "does": "bores, annoys, disappoints, irritates, confuses, frustrates, drags, fails, stumbles, disgusts, "
            "embarrasses, collapses, tires, flops",
        "do": "bore, annoy, disappoint, irritate, confuse, frustrate, drag, fail, stumble, disgust, embarrass, collapse, "
            "tire, flop, offend",
        "did": "yawned, fell asleep, walked out, left early, looked at my watch, groaned, suffered, nearly fell asleep, "
            "wanted my money back, counted the minutes, left the cinema, shook my head",
        "act": "yawn, groan, suffer, fall asleep, look at my watch, shake my head, want my money back",
        "advice": "stay at home, save your money, avoid it, skip it, a waste of money, a waste of time, stay away, i want my "
            "money back, what a waste, wasted money, one star, zero out of ten, forget it, read a book instead, i would "
            "rather wash the dishes, such a pity, life is too short for this, do something else",
        "people": "yawned, walked out, left early, groaned, fell asleep, hated it, detested it, were bored, were "
            "disappointed, complained",
        "ly": "badly, poorly, terribly, awfully, clumsily, horribly, dreadfully, carelessly, lazily, miserably, ineptly, "
            "pathetically",
    },
}

# Lists that judge nothing.
NEUTRAL: dict[str, str] = {
    "made": "made, written, acted, filmed, told, directed, edited, played, staged, shot",
    "expected": "than {i} [expected|thought|feared|hoped], than the [book|novel|trailer|first part|first film|original|last "
        "one], than {his} last [film|movie|picture], than most [films|movies|thrillers|comedies], than the other "
        "[films|movies] of the [year|series|director], than people say, than that of [the first part|the original]",
    "expected_as": "as {i} [expected|thought|feared|hoped], as the [book|novel|trailer|first part|first film|original|"
        "last one], as {his} last [film|movie|picture], as people say, as the [critics|papers] [say|claim]",
    "i": "i, we, i had, we had, my {relative} had",
    "his": "his, her, the director's, their",
}
