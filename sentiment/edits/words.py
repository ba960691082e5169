"""Lists of words that the rules of ``traps`` go by, all lower case."""

from __future__ import annotations

from sentiment.edits.lexicon import NEGATORS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


POLARITY_ITEMS = _set(
    """
any anybody anyone anything anymore anywhere ever yet either much whatsoever slightest bother budge
nor long until till else help least less more longer exactly necessarily enough quite really such
just merely rather instead because although though even again single least half or iota shred clue
otherwise only unless
"""
)
"""Words that a negator before them licenses, whose sense it changes or who contrast with it."""
AFTER_NOT = _set(
    """
just so only a all every everyone everything even too very always simply merely because that to
particularly especially entirely exactly quite really necessarily if as unlike without for in the
one once until till more less than much many nearly completely totally fully overly terribly yet
surprisingly alone least most unusual uncommon bad long far mind before your til know knew again
"""
)
NO_INSERTION = _set(
    """
so too just only still also already almost nearly quite as like rather somewhat slightly pretty
fairly always often sometimes even simply merely all both some certainly definitely clearly
obviously probably perhaps maybe one once now far much more most less least well really truly
indeed surely supposed eventually honestly doubtless undoubtedly arguably apparently finally
ultimately frankly luckily sadly unfortunately hopefully something somebody someone somewhere
going about to in on at by for from of up what how why where when who that because such many few
several every each another any enough ok okay per over under out off down afraid kind sort t
unlikely soon kinda sorta gotta hafta gotten beyond borderline hands cheers got
so-so forget further past darn damn nigh def defo deffo prob probs
"""
)
LY_ADJECTIVES = _set("lovely friendly ugly silly lonely lively likely early family costly unlikely")
QUESTIONS = _set(
    """
who whom whose what which when where why how do does did is are was were am can could will would
should shall have has had may might must
"""
)
PARTICIPLES = _set(
    """
engaging gripping satisfying entertaining boring exciting charming compelling fascinating
disappointing convincing amazing appalling happy sad impressive fresh weak strong uplifting
depressing perfect useful helpful original
"""
)
"""Words that are no opinion, or another one, before an object or a preposition."""
OBJECT_STARTS = _set(
    """
a an the this that these those it them him her us me you i we he she they his its my your our their
to of in on at by from with into up down away out off over forward back through along around
towards toward about for as than like one ones each all
"""
)
IDIOMS = """
dumb blonde, kind of, some kind, the kind, a kind, this kind, that kind, any kind, every kind,
one kind, the poor, my poor, his poor, her poor, that poor, your poor,
what kind, nice and, fast food, fast forward, slow motion, safe to, poor man,
great deal, good deal, good old, good luck, good morning, good night, good evening, good afternoon,
good time, good times, good will, good bit, good many, good part, great many, common good, for
good, as good, so good, no good, good for, good to, good at, good as, good with, good about, good
enough, good thing, good chance, good number, good amount, good half, good call, good day, good
weekend, good job, good looking, good natured, good friend, good friends, good one, good on, good
and, good wishes, good measure, good grief, good way, good faith, good lord, good god, good news,
good reason, good use, good look, good point, good sense, good samaritan, good spirits, great
rewards, good actors, derivative bone, original bone, well as, well worth, well known, well over,
as well, very well, well beyond, well into, well before, well aware, well off, fresh air, fresh
from, fresh out, fresh start, fresh water, deadly dull, strong language, strong winds, strong wind,
weak spot, stay strong, be strong, weak link, smart phone, smart watch, smart tv, smart home, smart
card, happy birthday, happy hour, happy ending, happy endings, happy new, happy friday, happy
holidays, happy days, happy medium, happy to, sad to, dull roar, dull blade, dull pain, dull
moment, dull knife, the weak, the strong, the good, the bad, the ugly, bad guy, bad guys, bad boy,
bad boys, bad luck, bad ass, bad for, bad about, bad at, bad hair, bad blood, bad debt, bad
weather, good guy, good guys, worst case, at best, at worst, best known, best friend, best friends,
best seller, best man, best of, best way, best interests, best regards, best wishes, best bet, best
western, best buy, best part, do best, its best, my best, your best, his best, her best, their
best, our best, original version, original series, original cast, original film, original movie,
original plan, the original, original price, original packaging, silly putty, ugly duckling, so
bad, too bad, not bad, how bad, real bad, real good, perfect storm, loved ones, loved one, so much,
fun of, like a, too good, awful lot, terrible twos, great britain, great wall, great lakes, great
white, great grandfather, great grandmother, great grand, great length, great lengths, great
extent, great pity, great shame, great care, great pains, great many, great for, great war, great
depression, great news, funny how, funny that, funny thing, funny feeling, funny smell, funny
enough, funny looking, funny money, in love, love to, love affair, love story, love song, love
interest, love life, love triangle, love letter, love scene, love scenes, power failure, heart
failure, failure to, disaster of, delight of, joy of, bore of, pain of, pleasure of, treat of,
triumph of, failure of, masterpiece of, gem of, success of, pain in, in pain, honest truth, honest
to, be honest, useful life, helpful hints, powerful people, brilliant white, strong suit, nasty
habit, useless information, amazing grace, pleasant surprise, interesting fact, perfect sense,
perfect match, perfect timing, perfect strangers, perfect stranger, perfect for, silly season,
silly billy, silly me, weak tea, weak at, smart enough, exciting news, exciting times, terrible at,
great at, brilliant at, nasty weather, to delight, smart casual, or bad, or good, good or, bad or,
or worse, or better, nice job, nice work, nice one, nice try, nice piece, nice guy, fun fact, fun
facts, fun and, having fun, for fun, of fun, much fun, clever at, useful idiot, useful idiots, good
here
"""
IDIOM_PAIRS = frozenset(
    (pair.split()[0], pair.split()[1]) for pair in IDIOMS.replace("\n", " ").split(",")
)
EVERY_NEGATOR = frozenset({*NEGATORS, "none", "cannot", "few", "little", "seldom", "rarely"})
"""Words that deny more than their neighbour, beyond those that edits put in and take out."""
OATHS = _set("hell crap heck shit fuck")
GREETED = _set("morning afternoon evening night riddance friday grief heavens birthday luck day")
MARKS = frozenset({".", "!", "?", ";", ":", "...", "--", "(", ")", "\n", "…", "—", "–"})
SEGMENT_STARTS = MARKS | {",", "and", "but", "so", "``", "''", '"', "“", "”"}
SUBORDINATING = _set(
    """
who whom whose what which where when why how if though although while since unless because than as
until till whether once wherever whenever whatever whoever like wish hope hoping lest such that
except suppose imagine let lets make makes made see saw watch hear help
"""
)
QUANTIFIERS = _set(
    """
none few little nobody nothing no never hardly barely scarcely only some many most all every
everyone everything everybody any anyone anybody anything several both each nearly almost neither
half much more less least enough lot lots rarely seldom somebody someone something either nowhere
part another last first
"""
)
HELPERS = _set(
    "is are was were am can could will would should must may might has have had do does did"
)
PRONOUNS = _set("i you he she it we they this that there")
CONTRASTS = _set(
    """
but yet though although however except unless until till too also already still some something
someone somewhere both rather instead anyway either because since if or as just only even ever
than enough heartbeat heart
"""
)
ALREADY = _set("too also already still some so every everything all both each most more best until")
AFTER_ARTICLE = _set(
    """
little bit few lot great most pretty fairly rather quite truly really somewhat must only same
while couple certain least one ones best slightest first point case time way kind sort type
sign word chance shred hint trace clue thing lot
"""
)
CANNOT = _set(
    """
wait stand beat resist afford complain go get help imagine stress thank say recommend believe even
"""
)
AFTER_NOTHING = _set(
    """
to about wrong new special interesting good bad funny works worked happened happens helps helped
remarkable unusual exciting original in
"""
)
CONCEDING = _set(
    "anyway too less than rather instead otherwise although though tho even despite either or"
)
AFTER_NOUN = (
    SEGMENT_STARTS
    | HELPERS
    | _set(
        "of in on at for with from by about to that who which where when because if near or as so "
        "without"
    )
)
BEGINNINGS = (
    PRONOUNS
    | SUBORDINATING
    | _set(
        "a an the my your his our their its but so and yet not never no with in on at for to from"
    )
)
SEEN = _set(
    """
film movie show play match game concert place hotel house museum park city town garden room picture
painting exhibition video series him them you building view photo photos
"""
)
LIGHT_NOUNS = _set(
    """
way ways time times thing things one ones deal bit part job look lot number sense use news idea
place person day example note character step point reason chance effect mood hand manner matter kind
sort role piece state taste fashion light side deal amount choice
"""
)
FILLED = _set(
    """
terribly awfully horribly painfully sadly badly woefully dreadfully unfortunately wonderfully
beautifully delightfully deadly reasonably happily thankfully otherwise
"""
)
LINKING = _set(
    """
but though although tho while whilst whereas because cause cuz coz since as if unless whether when
whenever once until till so such than then too also even still yet just only merely already despite
notwithstanding except instead rather either neither nor however how why what where wherever
whatever whoever thus therefore hence otherwise unlike more most less least almost nearly hardly
both anyway again virtually basically supposedly allegedly maybe perhaps hopefully please thanks
thank sorry yes yeah no. oh lol lmao haha hell shit fuck fucking damn ass bitch u ur r pls omg
ugh urg argh say says said reports wow hmm meh such thinking wondering wish hope hoping before after
till about now ever apart outside aside besides yup yep nope nah altho yea ya sry wtf minus
"""
)
"""Words by which a sentence hangs on another, on a reason or on what is wished."""
LISTING = _set("or plus & / except unless")
PREPOSITIONS = _set(
    """
in on at behind under among inside beneath from with near between above below across next opposite
beside throughout around through
"""
)
EXCLAIMED = _set(
    """
alright cool nice great awesome amazing sweet fake gone lost missing wow hey damn dang lol ha haha
man dude bro guys ok okay well good bad funny sad true right wrong congrats happy simply not
"""
)
"""Words before a sentence that are not its subject: "Cool the band is back"."""
IMPERATIVES = _set(
    """
buy order watch go see read trust eat visit stay use try download rent book hire drink play listen
come park rely
"""
)
"""Advice whose opposite is advice too: "don't buy it", but not "don't hold your breath"."""
AFTER_NO = _set("longer one doubt matter more less wonder way thanks")
NO_PARTICIPLE = _set(
    """
mixed limited need added advanced detailed unlimited used red bed seed speed feed wicked naked
better indeed
"""
)
NO_ALONE = _set(
    """
worries problem problems comment comments words kidding offense offence regrets excuses questions
prizes pressure news surprise surprises fear fuss rush biggie dice joy pain sweat bother harm luck
gracias
"""
)
"""What "no" says in a set phrase at the head of a text."""
MODALS = _set("may might could would should must can ca 'd better ought shall")
RATED = _set(
    """
film films movie movies story stories plot book books novel play show series episode performance
performances comedy drama thriller script screenplay dialogue ending cast acting actor actress
director music song songs album band concert game picture sequel remake adaptation documentary
flick romp tale epic fantasy farce melodrama
food meal meals dinner lunch breakfast dessert soup pizza cake coffee tea wine beer menu restaurant
cafe bar pub place hotel room rooms bed bathroom pool view location service staff waiter waitress
host guide driver manager teacher teachers doctor dentist nurse neighbour neighbours neighbor man
woman guy girl boy person people friend actor player team coach writer singer artist engineer
student students boss customer salesman
phone phones laptop computer tablet camera screen battery speaker speakers headset headphones
earpiece charger case keyboard printer app website software tool tools product products item device
machine car bike train bus flight airline journey trip tour ride visit stay holiday vacation party
wedding museum exhibition park garden city town village street house flat apartment building kitchen
office shop store market school course class lesson lecture talk speech presentation article essay
report advice answer idea plan design quality sound picture price value deal colour color shirt
shoes trainers dress jacket haircut weather morning afternoon evening day night weekend week year
summer winter birthday experience atmosphere result results job work news day toy gift present
purchase buy bargain company brand garage matinee effort piece version walk
music noise manual layout bakery church shower
"""
)
"""Nouns of what people rate, which every adjective of the lexicon and its opposite may describe."""
COMMON = _set(
    """
good bad great fresh strong weak perfect happy sad best worst friendly original poor fast slow kind
dirty quiet loud lucky
"""
)
"""Adjectives that stand in many a set phrase: "a bad name", "have a great one"."""
MEASURES = _set(
    """
long short slow fast loud quiet expensive cheap small big large hot cold warm hard soft difficult
complicated crowded noisy dark bright heavy high low salty sweet sour spicy dry wet oily greasy
tight loose thin thick steep old young busy rude noisy tall narrow wide weak strong
"""
)
"""What may be "too" much and "not too" much: "not too long", but not "not too precious"."""
MADE = _set(
    """
done made written acted shot sung aged cast played edited directed filmed executed designed built
paid dressed lit cooked sang danced played painted told drawn photographed animated performed
"""
)
"""What is done well or badly: "badly written", but not "botched badly"."""
OWNERS = _set("the this that these those my our your his her their its")
LIKING = _set(
    """
love loves loved like likes liked hate hates hated dislike dislikes disliked enjoy enjoys enjoyed
"""
)
CONTENT = _set("line thing point problem truth fact trick idea question reason hope")
"""Nouns after which "is" often opens a clause: "the bottom line is it works"."""
