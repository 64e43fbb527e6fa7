"""German words for the world: names by their English ones, and nouns, adjectives and verbs with all the forms they need."""

from __future__ import annotations

# English = German; where both are the same, the name once.
CITIES = """
Abuja, Accra, Addis Ababa = Addis Abeba, Agra, Amsterdam, Ankara, Antwerp = Antwerpen, Athens = Athen, Baghdad = Bagdad,
Bangkok, Barcelona, Basel, Beijing = Peking, Berlin, Bern, Bogota = Bogotá, Bonn, Boston, Brasilia = Brasília, Bratislava,
Brussels = Brüssel, Bucharest = Bukarest, Budapest, Buenos Aires, Cairo = Kairo, Canberra, Chicago, Cologne = Köln,
Copenhagen = Kopenhagen, Dakar, Delft, Dresden, Dubai, Dublin, Florence = Florenz, Frankfurt, Geneva = Genf, Granada,
Hamburg, Hanoi, Havana = Havanna, Helsinki, Honolulu, Islamabad, Istanbul, Jakarta, Kathmandu, Kingston, Krakow = Krakau,
Kyiv = Kiew, Kyoto, Leiden, Leipzig, Lima, Lisbon = Lissabon, Liverpool, Ljubljana, London, Los Angeles,
Luxembourg = Luxemburg, Lyon, Madrid, Malaga = Málaga, Manchester, Marseille, Melbourne, Mexico City = Mexiko-Stadt,
Milan = Mailand, Montreal, Moscow = Moskau, Mumbai, Munich = München, Nairobi, Naples = Neapel, New Delhi = Neu-Delhi,
New York, Nicosia = Nikosia, Odense, Osaka, Oslo, Ottawa, Paris, Phnom Penh, Porto, Portsmouth, Prague = Prag, Quito, Rabat,
Reykjavik = Reykjavík, Riga, Rio de Janeiro, Rome = Rom, Rotterdam, Saint Petersburg = Sankt Petersburg, Salzburg,
San Francisco, Santiago, Seattle, Seoul, Seville = Sevilla, Shanghai, Shrewsbury, Sofia, Stockholm, Stuttgart, Sydney,
Tallinn, Tehran = Teheran, Tokyo = Tokio, Toronto, Tunis, Ulaanbaatar, Ulm, Valletta, Venice = Venedig, Vienna = Wien,
Vilnius, Warsaw = Warschau, Washington, Wellington, Zagreb, Zurich = Zürich
"""
COUNTRIES = """
Argentina = Argentinien, Australia = Australien, Austria = Österreich, Belgium = Belgien, Bolivia = Bolivien,
Brazil = Brasilien, Bulgaria = Bulgarien, Cambodia = Kambodscha, Canada = Kanada, Chile, China, Colombia = Kolumbien,
Croatia = Kroatien, Cuba = Kuba, Cyprus = Zypern, the Czech Republic = Tschechien, Denmark = Dänemark, Ecuador,
Egypt = Ägypten, Estonia = Estland, Ethiopia = Äthiopien, Finland = Finnland, France = Frankreich, Germany = Deutschland,
Ghana, Greece = Griechenland, Hungary = Ungarn, Iceland = Island, India = Indien, Indonesia = Indonesien, Ireland = Irland,
Israel, Italy = Italien, Jamaica = Jamaika, Japan, Kenya = Kenia, Latvia = Lettland, Lithuania = Litauen,
Luxembourg = Luxemburg, Malta, Mexico = Mexiko, Morocco = Marokko, Nepal, New Zealand = Neuseeland, Nigeria,
Norway = Norwegen, Pakistan, Peru, Poland = Polen, Portugal, Romania = Rumänien, Russia = Russland, Slovenia = Slowenien,
South Korea = Südkorea, Spain = Spanien, Sweden = Schweden, Thailand, Tunisia = Tunesien, Vietnam
"""
# English | who | where | whose | whither: countries that have an article in German.
WITH_ARTICLE = """
Iran|der Iran|im Iran|des Iran|in den Iran
Iraq|der Irak|im Irak|des Irak|in den Irak
Senegal|der Senegal|im Senegal|des Senegal|in den Senegal
Mongolia|die Mongolei|in der Mongolei|der Mongolei|in die Mongolei
Slovakia|die Slowakei|in der Slowakei|der Slowakei|in die Slowakei
Switzerland|die Schweiz|in der Schweiz|der Schweiz|in die Schweiz
Turkey|die Türkei|in der Türkei|der Türkei|in die Türkei
Ukraine|die Ukraine|in der Ukraine|der Ukraine|in die Ukraine
the Netherlands|die Niederlande|in den Niederlanden|der Niederlande|in die Niederlande
the United Arab Emirates|die Vereinigten Arabischen Emirate|in den Vereinigten Arabischen Emiraten|der Vereinigten Arabischen \
Emirate|in die Vereinigten Arabischen Emirate
the United Kingdom|das Vereinigte Königreich|im Vereinigten Königreich|des Vereinigten Königreichs|ins Vereinigte Königreich
the United States|die Vereinigten Staaten|in den Vereinigten Staaten|der Vereinigten Staaten|in die Vereinigten Staaten
"""
CONTINENTS = """
Africa = Afrika, Asia = Asien, Europe = Europa, North America = Nordamerika, Oceania = Ozeanien, South America = Südamerika
"""
LANGUAGES = """
Amharic = Amharisch, Arabic = Arabisch, Bulgarian = Bulgarisch, Chinese = Chinesisch, Croatian = Kroatisch, Czech = Tschechisch,
Danish = Dänisch, Dutch = Niederländisch, English = Englisch, Estonian = Estnisch, Finnish = Finnisch, French = Französisch,
German = Deutsch, Greek = Griechisch, Hebrew = Hebräisch, Hungarian = Ungarisch, Icelandic = Isländisch,
Indonesian = Indonesisch, Italian = Italienisch, Japanese = Japanisch, Khmer, Korean = Koreanisch, Latvian = Lettisch,
Lithuanian = Litauisch, Maltese = Maltesisch, Mongolian = Mongolisch, Nepali, Norwegian = Norwegisch, Persian = Persisch,
Polish = Polnisch, Portuguese = Portugiesisch, Romanian = Rumänisch, Russian = Russisch, Slovak = Slowakisch,
Slovenian = Slowenisch, Spanish = Spanisch, Swahili = Suaheli, Swedish = Schwedisch, Thai, Turkish = Türkisch,
Ukrainian = Ukrainisch, Urdu, Vietnamese = Vietnamesisch
"""
# People who are written otherwise in German.
PEOPLE = "Pushkin = Puschkin, Dostoevsky = Dostojewski"

# Airports that are written otherwise in German.
AIRPORTS = "Sheremetyevo = Scheremetjewo, Ataturk = Atatürk"

# English = German, with its article if it has one; "die ... *" is a plural. Airports are all called "der Flughafen ...".
PLACES = """
the Eiffel Tower = der Eiffelturm, the Louvre = der Louvre, the Sorbonne = die Sorbonne, the Colosseum = das Kolosseum,
the Pantheon = das Pantheon, the Uffizi = die Uffizien*, the Rialto Bridge = die Rialtobrücke, La Scala = die Scala,
the Prado = der Prado, the Sagrada Familia = die Sagrada Família, the Alhambra = die Alhambra,
the Belem Tower = der Turm von Belém, Big Ben, Tower Bridge = die Tower Bridge, Buckingham Palace = der Buckingham-Palast,
the Tate Gallery = die Tate Gallery, Temple Bar, the Brandenburg Gate = das Brandenburger Tor, the Reichstag = der Reichstag,
the Zwinger = der Zwinger, the Hofburg = die Hofburg, Charles Bridge = die Karlsbrücke, the Chain Bridge = die Kettenbrücke,
the Wawel = der Wawel, the Parthenon = der Parthenon, the Acropolis = die Akropolis, Hagia Sophia = die Hagia Sophia,
the Kremlin = der Kreml, Red Square = der Rote Platz, the Hermitage = die Eremitage, the Atomium = das Atomium,
the Rijksmuseum = das Rijksmuseum, the Little Mermaid = die Kleine Meerjungfrau, the Vasa Museum = das Vasa-Museum,
Times Square = der Times Square, the Statue of Liberty = die Freiheitsstatue, Central Park = der Central Park,
Broadway = der Broadway, Fenway Park = der Fenway Park, the White House = das Weiße Haus,
the Golden Gate Bridge = die Golden Gate Bridge, the Space Needle = die Space Needle, Hollywood, the CN Tower = der CN Tower,
the Opera House = das Opernhaus, Bondi Beach = der Bondi Beach, the Maracana = das Maracanã,
Copacabana Beach = die Copacabana, the Casa Rosada = die Casa Rosada, the Forbidden City = die Verbotene Stadt,
the Bund = der Bund, the Burj Khalifa = der Burj Khalifa, Tiananmen Square = der Tiananmen-Platz,
the Red Fort = das Rote Fort, the Taj Mahal = das Taj Mahal, the Egyptian Museum = das Ägyptische Museum,
Tahrir Square = der Tahrir-Platz
"""

# singular plural gender Singular Plural; "+n" behind the gender: what the singular takes in the other cases.
THINGS = """key keys m Schlüssel Schlüssel, book books n Buch Bücher, letter letters m Brief Briefe,
picture pictures n Bild Bilder, box boxes f Kiste Kisten, door doors f Tür Türen, window windows n Fenster Fenster,
chair chairs m Stuhl Stühle, table tables m Tisch Tische, lamp lamps f Lampe Lampen, bag bags f Tasche Taschen,
map maps f Karte Karten, ticket tickets n Ticket Tickets, photo photos n Foto Fotos, cup cups f Tasse Tassen,
bottle bottles f Flasche Flaschen, flower flowers f Blume Blumen, tree trees m Baum Bäume, house houses n Haus Häuser,
garden gardens m Garten Gärten, car cars n Auto Autos, boat boats n Boot Boote, coat coats m Mantel Mäntel,
clock clocks f Uhr Uhren, ring rings m Ring Ringe, stone stones m Stein Steine, plate plates m Teller Teller,
computer computers m Computer Computer, hat hats m Hut Hüte, ball balls m Ball Bälle, knife knives n Messer Messer,
bicycle bicycles n Fahrrad Fahrräder, piano pianos n Klavier Klaviere"""
TEXTS = """book books n Buch Bücher, letter letters m Brief Briefe, story stories f Geschichte Geschichten,
report reports m Bericht Berichte, song songs n Lied Lieder, list lists f Liste Listen, poem poems n Gedicht Gedichte"""
FOOD = """apple apples m Apfel Äpfel, banana bananas f Banane Bananen, cake cakes m Kuchen Kuchen, egg eggs n Ei Eier,
potato potatoes f Kartoffel Kartoffeln, tomato tomatoes f Tomate Tomaten, pear pears f Birne Birnen,
carrot carrots f Karotte Karotten, soup soups f Suppe Suppen, lemon lemons f Zitrone Zitronen,
onion onions f Zwiebel Zwiebeln"""
BEINGS = """man men m Mann Männer, woman women f Frau Frauen, boy boys m+n Junge Jungen, girl girls n Mädchen Mädchen,
child children n Kind Kinder, teacher teachers m Lehrer Lehrer, doctor doctors m Arzt Ärzte,
nurse nurses f Krankenschwester Krankenschwestern, farmer farmers m+n Bauer Bauern, driver drivers m Fahrer Fahrer,
student students m+en Student Studenten, lawyer lawyers m Anwalt Anwälte, pilot pilots m+en Pilot Piloten,
neighbour neighbours m+n Nachbar Nachbarn, king kings m König Könige, queen queens f Königin Königinnen,
singer singers m Sänger Sänger, waiter waiters m Kellner Kellner, baker bakers m Bäcker Bäcker,
painter painters m Maler Maler, soldier soldiers m+en Soldat Soldaten"""
ANIMALS = """dog dogs m Hund Hunde, cat cats f Katze Katzen, horse horses n Pferd Pferde, bird birds m Vogel Vögel,
cow cows f Kuh Kühe, goat goats f Ziege Ziegen, rabbit rabbits n Kaninchen Kaninchen"""
RELATIVES = """father fathers m Vater Väter, mother mothers f Mutter Mütter, brother brothers m Bruder Brüder,
sister sisters f Schwester Schwestern, uncle uncles m Onkel Onkel, aunt aunts f Tante Tanten, son sons m Sohn Söhne,
daughter daughters f Tochter Töchter, friend friends m Freund Freunde, grandmother grandmothers f Großmutter Großmütter,
grandfather grandfathers m Großvater Großväter"""
ROOMS = """garden gardens m Garten Gärten, house houses n Haus Häuser, kitchen kitchens f Küche Küchen, park parks m Park Parks,
hotel hotels n Hotel Hotels, church churches f Kirche Kirchen, school schools f Schule Schulen,
museum museums n Museum Museen, forest forests m Wald Wälder, office offices n Büro Büros, room rooms n Zimmer Zimmer,
cellar cellars m Keller Keller, shop shops m Laden Läden, library libraries f Bibliothek Bibliotheken"""

# English, as it is said of something, and without its ending before a noun, where that is not the same.
LOOKS = """old alt, new neu, big groß, small klein, red rot, blue blau, green grün, white weiß, black schwarz, heavy schwer,
beautiful schön, cheap billig, expensive teuer teur, clean sauber, dirty schmutzig, yellow gelb, brown braun,
strange seltsam, round rund"""
MOODS = """old alt, young jung, happy glücklich, sad traurig, tired müde müd, hungry hungrig, friendly freundlich, strong stark,
poor arm, rich reich, ill krank, angry wütend, beautiful schön, small klein, lonely einsam, famous berühmt, quiet still"""
COMPARED = """older älter, newer neuer, bigger größer, smaller kleiner, heavier schwerer, cheaper billiger, cleaner sauberer,
more_beautiful schöner, more_expensive teurer"""
PEOPLE_COMPARED = """older älter, younger jünger, stronger stärker, richer reicher, poorer ärmer, happier glücklicher,
more_famous berühmter, friendlier freundlicher"""

# By what is done to whom: base third past = infinitive, third, participle. "ab|holen": "ab" stands apart.
VERBS = {
    "thing": """buy buys bought = kaufen kauft gekauft, find finds found = finden findet gefunden,
see sees saw = sehen sieht gesehen, need needs needed = brauchen braucht gebraucht,
sell sells sold = verkaufen verkauft verkauft, lose loses lost = verlieren verliert verloren,
take takes took = nehmen nimmt genommen, clean cleans cleaned = reinigen reinigt gereinigt,
draw draws drew = zeichnen zeichnet gezeichnet, hide hides hid = verstecken versteckt versteckt,
bring brings brought = bringen bringt gebracht, forget forgets forgot = vergessen vergisst vergessen,
look_for looks_for looked_for = suchen sucht gesucht,
bring_along brings_along brought_along = mit|bringen bringt mitgebracht,
look_at looks_at looked_at = an|sehen sieht angesehen, throw_away throws_away threw_away = weg|werfen wirft weggeworfen,
describe describes described = beschreiben beschreibt beschrieben""",
    "text": """read reads read = lesen liest gelesen, write writes wrote = schreiben schreibt geschrieben,
understand understands understood = verstehen versteht verstanden,
translate translates translated = übersetzen übersetzt übersetzt, find finds found = finden findet gefunden,
copy_out copies_out copied_out = ab|schreiben schreibt abgeschrieben""",
    "food": """eat eats ate = essen isst gegessen, buy buys bought = kaufen kauft gekauft,
peel peels peeled = schälen schält geschält, cook cooks cooked = kochen kocht gekocht,
bring_along brings_along brought_along = mit|bringen bringt mitgebracht""",
    "being": """see sees saw = sehen sieht gesehen, know knows knew = kennen kennt gekannt,
visit visits visited = besuchen besucht besucht, meet meets met = treffen trifft getroffen,
love loves loved = lieben liebt geliebt, hear hears heard = hören hört gehört,
draw draws drew = zeichnen zeichnet gezeichnet, look_for looks_for looked_for = suchen sucht gesucht,
call calls called = an|rufen ruft angerufen, invite invites invited = ein|laden lädt eingeladen,
pick_up picks_up picked_up = ab|holen holt abgeholt""",
    # These two want the dative.
    "helped": "help helps helped = helfen hilft geholfen, thank thanks thanked = danken dankt gedankt",
    "given": """give gives gave = geben gibt gegeben, show shows showed = zeigen zeigt gezeigt,
send sends sent = schicken schickt geschickt, bring brings brought = bringen bringt gebracht,
sell sells sold = verkaufen verkauft verkauft""",
}

# When, by tense.
TIMES = {
    "past": "yesterday = gestern, last week = letzte Woche, last year = letztes Jahr, two days ago = vor zwei Tagen, "
    "on Monday = am Montag, on Friday = am Freitag, this morning = heute Morgen, in summer = im Sommer, in May = im Mai",
    "future": "tomorrow = morgen, next week = nächste Woche, next year = nächstes Jahr, on Monday = am Montag, "
    "on Sunday = am Sonntag, in winter = im Winter, tonight = heute Abend",
    "present": "today = heute, every day = jeden Tag, now = jetzt, every week = jede Woche, in the evening = am Abend, "
    "often = oft",
}

ARTICLES = {
    "the": {"nom": "der die das die", "acc": "den die das die", "dat": "dem der dem den"},
    "this": {"nom": "dieser diese dieses diese", "acc": "diesen diese dieses diese", "dat": "diesem dieser diesem diesen"},
}
# What "ein", "kein", "mein" and their like end in.
EIN = {"nom": ["", "e", "", "e"], "acc": ["en", "e", "", "e"], "dat": ["em", "er", "em", "en"]}
STEMS = {"a(n)": "ein", "no": "kein", "my": "mein", "his": "sein", "her": "ihr", "our": "unser"}
# What an adjective ends in behind "der", behind "ein", and behind a number or nothing.
ENDINGS = {
    "weak": {"nom": "e e e en", "acc": "en e e en", "dat": "en en en en"},
    "mixed": {"nom": "er e es en", "acc": "en e es en", "dat": "en en en en"},
    "strong": {"nom": "er e es e", "acc": "en e es e", "dat": "em er em en"},
}
GENDERS = ("m", "f", "n", "p")
NUMBERS = "two = zwei, three = drei, four = vier, five = fünf, six = sechs, ten = zehn, many = viele"


def names(table: str) -> dict[str, str]:
    """German names by the English ones."""
    pairs = [entry.split(" = ") for entry in table.replace("\n", " ").strip().split(", ")]
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}
