"""Word lists and sentence frames of the constructed sentences.

A frame is a text with ``{slots}`` and ``(this|that|)`` alternatives, and two targets: that of
its text when the frame's polarity is drawn positive, and when it is drawn negative. ``{adj}`` and
the other polar slots take a filler of the drawn polarity, ``{!adj}`` of the opposite one.
frames.txt holds negation, contrast and neutrality, everyday.txt daily life with word lists of its
own: a line ``{slot} = a, b`` has neutral fillers, ``{slot} + a, b`` and ``{slot} - a, b`` polar
ones; ``_`` stands for an empty filler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Frame:
    """``positive`` and ``negative`` are the targets in [0, 1] for the two drawn polarities."""

    capability: str
    template: str
    positive: float
    negative: float


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split(",") if part.strip())


# Fillers of a polarity: (positive, negative).
POLAR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "adj": (
        _words("""
        good, great, excellent, wonderful, amazing, fantastic, brilliant, superb, enjoyable,
        delightful, charming, funny, hilarious, clever, smart, beautiful, lovely, nice,
        pleasant, fun, entertaining, engaging, gripping, moving, touching, impressive,
        outstanding, perfect, terrific, awesome, incredible, remarkable, memorable, fresh,
        original, compelling, satisfying, rewarding, helpful, friendly, kind, polite,
        comfortable, reliable, tasty, delicious, elegant, solid, exciting, fascinating,
        interesting, inspired, exceptional, extraordinary, adorable, thoughtful, sweet, happy,
        worthwhile, useful, fine, decent, first-rate, top-notch, refreshing, stunning,
        gorgeous, powerful, witty, believable, convincing, successful, effective,
        likable, magical, marvelous, well-made, captivating, riveting, uplifting, intelligent,
        sharp, generous, trustworthy, efficient, spotless
        """),
        _words("""
        bad, terrible, awful, horrible, poor, boring, dull, disappointing, tedious, lame,
        weak, stupid, silly, ugly, annoying, irritating, unpleasant, dreadful, lousy,
        mediocre, pathetic, worthless, useless, pointless, ridiculous, predictable, bland,
        stale, tired, shallow, clumsy, confusing, messy, slow, flat, lifeless, painful,
        disgusting, nasty, rude, unfriendly, uncomfortable, unreliable, broken, overpriced,
        tasteless, atrocious, abysmal, appalling, miserable, frustrating, forgettable,
        unfunny, unconvincing, incoherent, inept, laughable, idiotic, offensive, depressing,
        unbearable, mindless, sloppy, dirty, noisy, difficult, sad, creepy, horrendous,
        hideous, insulting, trite, contrived, pretentious, dismal, unwatchable, unhelpful,
        careless, dishonest, wasteful, ineffective, repetitive, amateurish, rotten, sluggish,
        greasy, flimsy, faulty, defective
        """),
    ),
    "noun": (
        _words("""
        joy, pleasure, delight, masterpiece, triumph, success, gem, treat, winner, hit,
        bargain, blessing, improvement, treasure, highlight, wonder, surprise of the best
        kind, dream come true, work of art, breath of fresh air, good time, must-see, classic
        """),
        _words("""
        mess, disaster, failure, bore, disappointment, waste of time, waste of money, joke,
        nightmare, disgrace, flop, mistake, insult, embarrassment, chore, rip-off, shame,
        letdown, dud, scam, train wreck, piece of junk, headache, snooze, catastrophe
        """),
    ),
    "mass": (
        _words("""
        charm, wit, energy, humor, warmth, heart, imagination, style, intelligence,
        originality, quality, class, talent, fun, excitement, flavor, grace, skill, depth,
        magic, passion, common sense, value, comfort, substance, sincerity, chemistry,
        creativity
        """),
        _words("""
        flaws, problems, mistakes, cliches, errors, defects, pretension, boredom, noise,
        trouble, faults, weaknesses, delays, complaints, nonsense, clumsiness, stupidity,
        dirt, dull moments, bad jokes, plot holes, rudeness, bugs, weak spots, sentimentality
        """),
    ),
    "like": (
        _words("""
        like, love, enjoy, admire, adore, recommend, appreciate, trust, respect, cherish,
        value, care for, want to see again, look forward to
        """),
        _words("""
        hate, dislike, detest, despise, regret, loathe, resent, complain about, feel let down
        by, get bored by, fear, mind
        """),
    ),
    "liked": (
        _words("""
        liked, loved, enjoyed, admired, adored, recommended, appreciated, trusted, was
        impressed by, was charmed by, had fun with, fell in love with, was happy with
        """),
        _words("""
        hated, disliked, detested, despised, regretted, loathed, resented, was disappointed
        by, was bored by, complained about, got tired of, was fed up with
        """),
    ),
    "do": (  # bare verb phrases
        _words("""
        work, succeed, impress, entertain, amuse, charm, delight, please, satisfy, shine, hold
        my attention, make me laugh, make me smile, keep me interested, deliver, win me over,
        live up to its promise, deserve praise, make me happy, move me, help, add up, engage,
        inspire, touch the heart, come together, make sense
        """),
        _words("""
        fail, disappoint, bore, annoy, irritate, fall apart, drag, fall flat, offend, suffer,
        put me to sleep, waste my time, make me angry, let me down, run out of steam, get old,
        get on my nerves, break down, wear out its welcome, insult my intelligence, make me
        cringe, ruin my day, collapse, stink
        """),
    ),
    "well": (
        _words("well, beautifully, perfectly, wonderfully, brilliantly, nicely, superbly"),
        _words("badly, poorly, terribly, horribly, awfully, clumsily, miserably"),
    ),
    "better": (
        _words("""
        better, funnier, smarter, nicer, more enjoyable, more interesting, more fun, fresher,
        friendlier, more convincing, stronger, more useful, sharper
        """),
        _words("""
        worse, duller, weaker, more boring, more annoying, uglier, slower, sillier, more
        disappointing, more confusing, ruder, more tedious
        """),
    ),
    "best": (
        _words("best, finest, funniest, most enjoyable, smartest, nicest, most impressive"),
        _words("worst, dullest, weakest, most boring, ugliest, most annoying, silliest"),
    ),
    "verdict": (  # whole clauses
        _words("""
        it is worth every penny, you should see it, i would go back, i had a great time, i
        recommend it, it won me over, i left happy, it made my day, i want another one, i
        could watch it again, it is money well spent, they did a fine job, it does the trick,
        i laughed a lot, i smiled all the way through, it gets everything right, i was
        pleasantly surprised, it exceeded my expectations, i give it top marks, i am glad i
        went, it is a keeper, we were in good hands, count me as a fan
        """),
        _words("""
        it is a waste of money, you should avoid it, i want my money back, i will never go
        back, i walked out, i fell asleep, it left me cold, it ruined my evening, i returned
        it, i regret buying it, it gets everything wrong, i was bored to tears, it let me
        down, i left angry, stay away, save your money, they did a poor job, i stopped
        halfway, it fell short of my expectations, i give it the lowest marks, i am sorry i
        went, it broke after a week, i felt cheated, we were ignored
        """),
    ),
    "disposed": (
        _words("amused, charmed, moved, delighted, impressed, entertained, surprised and happy"),
        _words("bored, annoyed, disappointed, irritated, disgusted, let down, underwhelmed"),
    ),
    "np": ((), ()),  # filled from noun phrases of the treebank and from {adj} {thing}
    "phrase": ((), ()),  # any polar constituent of the treebank
    "sentence": ((), ()),  # whole polar sentences of the treebank
}

# Fillers without polarity.
NEUTRAL: dict[str, tuple[str, ...]] = {
    "thing": _words("""
        film, movie, picture, story, plot, script, book, novel, show, series, episode, song,
        album, play, comedy, drama, thriller, documentary, sequel, performance, cast,
        director, actor, ending, dialogue, meal, food, pizza, soup, coffee, restaurant,
        waiter, hotel, room, bed, breakfast, service, staff, flight, airline, seat, plane,
        crew, pilot, airport, phone, screen, battery, camera, laptop, keyboard, printer, app,
        software, update, game, website, product, device, charger, headset, watch, bag, shirt,
        jacket, dress, car, engine, bike, train, bus, trip, tour, museum, concert, band,
        course, lesson, teacher, doctor, bank, store, shop, company, customer service,
        delivery, package, apartment, gym, neighborhood, idea, design, experience,
        party, beach, sandwich, toy, blender, vacuum, mattress, chair, lamp
        """),
    "things": _words("""
        movies, films, stories, books, songs, actors, characters, jokes, scenes, meals,
        dishes, rooms, seats, flights, phones, products, games, shows, waiters, lessons,
        hotels, restaurants, trips, shoes, prices, effects, lyrics, colors, people,
        instructions, portions
        """),
    "person": _words("""
        my friend, my brother, my sister, my wife, my husband, the critics, my boss, my
        neighbor, everyone else, most people, the reviewers, my parents, my kids, some people,
        the guy next to me, a colleague, other customers, the internet, half the audience, my
        aunt, a few viewers, those who were with me, the people in line, my roommate
        """),
    "name": _words("""
        Anna, Omar, Mei, Carlos, Fatima, John, Priya, Kwame, Elena, David, Yuki, Ahmed, Sofia,
        Tom, Ivan, Maria, Chen, Leila, Peter, Nadia, Lucas, Aisha, Emma, Raj, Hassan, Olga,
        Miguel, Sarah, Kofi, Ingrid, Paul, Zoe, Ali, Rosa, Ken, Julia, Samuel, Amara, Viktor,
        Lin, Brown, Garcia, Smith, Kim, Nguyen, Patel, Rossi, Müller, Cohen, Silva
        """),
    "place": _words("""
        in Paris, in Chicago, in Tokyo, at home, at the office, in the garden, near the
        station, in Madrid, on the second floor, in the north, at the airport, in Lagos,
        across the street, on the coast, at school, in the kitchen, in Berlin, downtown, in
        Toronto, by the river, in the lobby, in Mumbai, at the corner, in the parking lot
        """),
    "time": _words("""
        at noon, on Monday, in 1994, last week, every morning, next year, at six, in March,
        yesterday, on Friday evening, in the afternoon, today, at 7:30, in the 1980s, twice a
        day, in winter, last night, two years ago, on the third of May, this summer, before
        lunch, in 2012, for three hours, at 9 pm, once a month
        """),
    "number": _words("two, three, four, five, ten, 12, 20, 36, 50, 100, 250, 1200, seven, six"),
    "nadj": _words("""
        red, blue, green, white, black, wooden, metal, plastic, small, large, round, square,
        Italian, French, Japanese, Mexican, Indian, American, British, German, Spanish,
        Canadian, private, public, commercial, international, local, daily, weekly, annual,
        digital, electric, national, regional, urban, rural, medical, legal, official, main,
        second, third, final, upper, lower, northern, southern, eastern, western, early, late,
        yellow, brown, grey, financial, technical, cotton, paper, glass, leather, six-page,
        two-hour, animated, silent, Russian, Chinese, Brazilian, Korean, Australian, African,
        European, Turkish, Swedish
        """),
    "item": _words("""
        table, window, door, bottle, letter, report, box, ticket, map, lamp, chair, building,
        street, bridge, school, library, office, station, train, bus, plane, flight, aircraft,
        seat, cabin, airline, hotel, room, key, suitcase, film, book, magazine, newspaper,
        song, chapter, scene, script, camera, phone, laptop, cable, screen, keyboard, charger,
        receipt, menu, soup, sandwich, cup, plate, fork, jacket, shirt, shoe, hat, coat, bag,
        bicycle, car, truck, engine, garden, tree, river, road, meeting, schedule, contract,
        form, list, number, page, picture, poster, clock, calendar, pen, desk, wall, floor,
        elevator, bucket, ladder, basket, blanket, candle, carpet, ceiling, cloud, coin,
        cupboard, drawer, envelope seal, fence, field, flag, glove, hallway, hammer, harbor,
        hill, island, jar, kettle, knife, label, lake, leaf, lid, lock, market, mirror,
        mountain, nail, needle, notebook, oven, painting, parcel, pillow, pipe, platform,
        pocket, pump, rope, roof, ruler, scarf, shed, sign, sink, sofa, spoon, stamp, stone,
        suit, tower, towel, track, tray, tunnel, uniform, valley, village, wheel, wire, yard,
        county, department, committee, engineer, manager, tenant, budget, invoice, policy,
        survey, vote, region, century, quarter, degree, meter, gallon, company, store, course,
        class, question, email, message, card, account, crew, pilot, ticket office, customer
        service line
        """),
    "role": _words("""
        teacher, doctor, nurse, lawyer, driver, student, writer, engineer, baker, farmer,
        actor, singer, director, neighbor, clerk, dentist, gardener, carpenter, accountant,
        cook, tailor, waiter, librarian, pilot, photographer, plumber, reporter, cashier,
        guide, person, colleague, customer, passenger, tourist, cousin, child, parent, man,
        woman, guest
        """),
    "does": _words("""
        turns, moves, runs, contains it, belongs to {name}, faces the street, comes with a
        manual, has {number} parts, weighs {number} pounds, needs paper, goes there, opens,
        closes, starts, ends, begins, arrives, leaves, stands, stops, changes, takes place, is
        sold, is made, was built, was written, was filmed, was delivered, was printed, is
        located, is open, is on display, is available, was recorded, is used, was moved
        """),
    "seen": _words("""
        saw, found, bought, took, read, used, opened, noticed, ordered, received, returned,
        moved, carried, kept, rented, watched, passed, painted, closed, sent, printed,
        borrowed, visited, measured, counted, photographed, described, mentioned
        """),
    "see": _words("""
        see, find, buy, take, read, use, open, notice, order, receive, return, move, carry,
        keep, rent, watch, pass, paint, close, send, print, borrow, visit, measure, count,
        describe, mention, need, have, know
        """),
    "int": _words("""
        very, really, so, extremely, incredibly, truly, absolutely, quite, genuinely,
        remarkably, totally, especially, exceptionally, particularly, terribly, awfully,
        pretty
        """),
    "gerundive": _words("""
        honestly, really, truly, in good conscience, seriously, possibly, ever, in all
        fairness, with a straight face, for one moment, in any way, by any means
        """),
    "aside": _words("""
        given everything i have seen so far, considering that it was made in 1994, after two
        hours in the theater, having read the book twice, with all due respect, after thinking
        about it for a week, given how many of these i have tried over the years, as someone
        who goes there every month, looking back on the whole thing, all in all, after talking
        with the others, to tell the truth, after three visits, at this price, when you get
        right down to it, in the end, as far as i can tell, speaking as a regular, given the
        time i have spent with it, from where i was sitting, given all the talk about it,
        after using it every day since march, if you ask me, on the whole, by the time it was
        over, as a parent of two, considering the budget, after all these years, for what it
        is, having waited in line for an hour, as the credits rolled, given my history with
        the brand, knowing nothing about it beforehand, with the lights on and the doors open
        """),
    "religion": _words("""
        Christian, Muslim, Jewish, Hindu, Buddhist, Catholic, Protestant, Sikh, atheist,
        Mormon, Orthodox, Shia, Sunni, agnostic, Baptist, secular, religious
        """),
    "race": _words("""
        black, white, Asian, Hispanic, Latino, African American, Native American, Arab,
        European, Indian, mixed-race, Latina, Caucasian, brown, indigenous
        """),
    "nation": _words("""
        American, Chinese, Indian, Mexican, Nigerian, Turkish, Iranian, Iraqi, French, German,
        Russian, Japanese, Korean, Pakistani, Egyptian, Brazilian, Polish, Vietnamese,
        Ethiopian, Israeli, Palestinian, Syrian, Afghan, Cuban, Italian, Spanish, British,
        Irish, Filipino, Indonesian, Kenyan, Ukrainian, Colombian, Somali, Canadian, Greek,
        Swedish, Haitian, Moroccan, Thai, Peruvian, Dutch, Bangladeshi, South African
        """),
    "orientation": _words("""
        gay, lesbian, bisexual, straight, heterosexual, homosexual, queer, asexual,
        transgender, trans, cisgender, nonbinary, pansexual, intersex, transsexual, genderqueer,
        bi, LGBT
        """),
    "gender": _words("male, female, nonbinary, transgender, young, old, elderly, disabled, deaf"),
}


_TARGETS = re.compile(r"(\d\.\d\d) (\d\.\d\d) (.+)")
_FILLERS = re.compile(r"\{(\w+)\} ([=+-]) (.+)")
_FILES = ("frames.txt", "everyday.txt")


def _lines() -> Iterator[str]:
    for name in _FILES:
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        yield from (line for line in text.splitlines() if line and not line.startswith("#"))


def _add_fillers() -> None:
    for line in _lines():
        if match := _FILLERS.fullmatch(line):
            slot, kind = match[1], match[2]
            fillers = tuple("" if word == "_" else word for word in _words(match[3]))
            if kind == "=":
                NEUTRAL[slot] = fillers
            else:
                positive, negative = POLAR.get(slot, ((), ()))
                POLAR[slot] = (fillers, negative) if kind == "+" else (positive, fillers)


_add_fillers()


def frames() -> tuple[Frame, ...]:
    """Every frame of the files; those without polarity have the target 1/2 twice."""
    found, capability = [], ""
    for line in _lines():
        if line.startswith("[") and line.endswith("]"):
            capability = line[1:-1]
        elif match := _TARGETS.fullmatch(line):
            found.append(Frame(capability, match[3], float(match[1]), float(match[2])))
        elif not _FILLERS.fullmatch(line):
            found.append(Frame(capability, line, 0.5, 0.5))
    return tuple(found)
