"""The facts that the generated text tells: plain tables, and the records read from them."""

from __future__ import annotations

from dataclasses import dataclass, field

# name | capital | language | currency | continent | people. "-" where one word would not be true.
COUNTRIES = """
Argentina|Buenos Aires|Spanish|peso|South America|Argentinian
Australia|Canberra|English|dollar|Oceania|Australian
Austria|Vienna|German|euro|Europe|Austrian
Belgium|Brussels|-|euro|Europe|Belgian
Bolivia|-|Spanish|boliviano|South America|Bolivian
Brazil|Brasilia|Portuguese|real|South America|Brazilian
Bulgaria|Sofia|Bulgarian|euro|Europe|Bulgarian
Cambodia|Phnom Penh|Khmer|riel|Asia|Cambodian
Canada|Ottawa|-|dollar|North America|Canadian
Chile|Santiago|Spanish|peso|South America|Chilean
China|Beijing|Chinese|yuan|Asia|Chinese
Colombia|Bogota|Spanish|peso|South America|Colombian
Croatia|Zagreb|Croatian|euro|Europe|Croatian
Cuba|Havana|Spanish|peso|North America|Cuban
Cyprus|Nicosia|Greek|euro|-|Cypriot
the Czech Republic|Prague|Czech|koruna|Europe|Czech
Denmark|Copenhagen|Danish|krone|Europe|Danish
Ecuador|Quito|Spanish|dollar|South America|Ecuadorian
Egypt|Cairo|Arabic|pound|Africa|Egyptian
Estonia|Tallinn|Estonian|euro|Europe|Estonian
Ethiopia|Addis Ababa|Amharic|birr|Africa|Ethiopian
Finland|Helsinki|Finnish|euro|Europe|Finnish
France|Paris|French|euro|Europe|French
Germany|Berlin|German|euro|Europe|German
Ghana|Accra|English|cedi|Africa|Ghanaian
Greece|Athens|Greek|euro|Europe|Greek
Hungary|Budapest|Hungarian|forint|Europe|Hungarian
Iceland|Reykjavik|Icelandic|krona|Europe|Icelandic
India|New Delhi|-|rupee|Asia|Indian
Indonesia|Jakarta|Indonesian|rupiah|Asia|Indonesian
Iran|Tehran|Persian|rial|Asia|Iranian
Iraq|Baghdad|Arabic|dinar|Asia|Iraqi
Ireland|Dublin|English|euro|Europe|Irish
Israel|-|Hebrew|shekel|Asia|Israeli
Italy|Rome|Italian|euro|Europe|Italian
Jamaica|Kingston|English|dollar|North America|Jamaican
Japan|Tokyo|Japanese|yen|Asia|Japanese
Kenya|Nairobi|Swahili|shilling|Africa|Kenyan
Latvia|Riga|Latvian|euro|Europe|Latvian
Lithuania|Vilnius|Lithuanian|euro|Europe|Lithuanian
Luxembourg|Luxembourg|-|euro|Europe|-
Malta|Valletta|Maltese|euro|Europe|Maltese
Mexico|Mexico City|Spanish|peso|North America|Mexican
Mongolia|Ulaanbaatar|Mongolian|tugrik|Asia|Mongolian
Morocco|Rabat|Arabic|dirham|Africa|Moroccan
Nepal|Kathmandu|Nepali|rupee|Asia|Nepalese
the Netherlands|Amsterdam|Dutch|euro|Europe|Dutch
New Zealand|Wellington|English|dollar|Oceania|-
Nigeria|Abuja|English|naira|Africa|Nigerian
Norway|Oslo|Norwegian|krone|Europe|Norwegian
Pakistan|Islamabad|Urdu|rupee|Asia|Pakistani
Peru|Lima|Spanish|sol|South America|Peruvian
Poland|Warsaw|Polish|zloty|Europe|Polish
Portugal|Lisbon|Portuguese|euro|Europe|Portuguese
Romania|Bucharest|Romanian|leu|Europe|Romanian
Russia|Moscow|Russian|ruble|-|Russian
Senegal|Dakar|French|franc|Africa|Senegalese
Slovakia|Bratislava|Slovak|euro|Europe|Slovak
Slovenia|Ljubljana|Slovenian|euro|Europe|Slovenian
South Korea|Seoul|Korean|won|Asia|Korean
Spain|Madrid|Spanish|euro|Europe|Spanish
Sweden|Stockholm|Swedish|krona|Europe|Swedish
Switzerland|Bern|-|franc|Europe|Swiss
Thailand|Bangkok|Thai|baht|Asia|Thai
Tunisia|Tunis|Arabic|dinar|Africa|Tunisian
Turkey|Ankara|Turkish|lira|-|Turkish
Ukraine|Kyiv|Ukrainian|hryvnia|Europe|Ukrainian
the United Kingdom|London|English|pound|Europe|British
the United States|Washington|English|dollar|North America|American
Vietnam|Hanoi|Vietnamese|dong|Asia|Vietnamese
"""

# name | kind | city | country. An airport counts as being in the city that it serves.
PLACES = """
Heathrow Airport|airport|London|the United Kingdom
Gatwick Airport|airport|London|the United Kingdom
Orly Airport|airport|Paris|France
Charles de Gaulle Airport|airport|Paris|France
Schiphol Airport|airport|Amsterdam|the Netherlands
Barajas Airport|airport|Madrid|Spain
Fiumicino Airport|airport|Rome|Italy
Malpensa Airport|airport|Milan|Italy
Narita Airport|airport|Tokyo|Japan
Haneda Airport|airport|Tokyo|Japan
Kennedy Airport|airport|New York|the United States
LaGuardia Airport|airport|New York|the United States
Logan Airport|airport|Boston|the United States
Dulles Airport|airport|Washington|the United States
Ataturk Airport|airport|Istanbul|Turkey
Incheon Airport|airport|Seoul|South Korea
Pudong Airport|airport|Shanghai|China
Ezeiza Airport|airport|Buenos Aires|Argentina
Arlanda Airport|airport|Stockholm|Sweden
Kastrup Airport|airport|Copenhagen|Denmark
Gardermoen Airport|airport|Oslo|Norway
Vantaa Airport|airport|Helsinki|Finland
Zaventem Airport|airport|Brussels|Belgium
Chopin Airport|airport|Warsaw|Poland
Kloten Airport|airport|Zurich|Switzerland
Pearson Airport|airport|Toronto|Canada
Tullamarine Airport|airport|Melbourne|Australia
Suvarnabhumi Airport|airport|Bangkok|Thailand
Sheremetyevo Airport|airport|Moscow|Russia
the Eiffel Tower|tower|Paris|France
the Louvre|museum|Paris|France
the Sorbonne|university|Paris|France
the Colosseum|monument|Rome|Italy
the Pantheon|temple|Rome|Italy
the Uffizi|museum|Florence|Italy
the Rialto Bridge|bridge|Venice|Italy
La Scala|theatre|Milan|Italy
the Prado|museum|Madrid|Spain
the Sagrada Familia|church|Barcelona|Spain
the Alhambra|palace|Granada|Spain
the Belem Tower|tower|Lisbon|Portugal
Big Ben|tower|London|the United Kingdom
Tower Bridge|bridge|London|the United Kingdom
Buckingham Palace|palace|London|the United Kingdom
the Tate Gallery|museum|London|the United Kingdom
Temple Bar|street|Dublin|Ireland
the Brandenburg Gate|monument|Berlin|Germany
the Reichstag|monument|Berlin|Germany
the Zwinger|palace|Dresden|Germany
the Hofburg|palace|Vienna|Austria
Charles Bridge|bridge|Prague|the Czech Republic
the Chain Bridge|bridge|Budapest|Hungary
the Wawel|palace|Krakow|Poland
the Parthenon|temple|Athens|Greece
the Acropolis|monument|Athens|Greece
Hagia Sophia|temple|Istanbul|Turkey
the Kremlin|palace|Moscow|Russia
Red Square|square|Moscow|Russia
the Hermitage|museum|Saint Petersburg|Russia
the Atomium|monument|Brussels|Belgium
the Rijksmuseum|museum|Amsterdam|the Netherlands
the Little Mermaid|monument|Copenhagen|Denmark
the Vasa Museum|museum|Stockholm|Sweden
Times Square|square|New York|the United States
the Statue of Liberty|monument|New York|the United States
Central Park|park|New York|the United States
Broadway|street|New York|the United States
Fenway Park|stadium|Boston|the United States
the White House|palace|Washington|the United States
the Golden Gate Bridge|bridge|San Francisco|the United States
the Space Needle|tower|Seattle|the United States
Hollywood|district|Los Angeles|the United States
the CN Tower|tower|Toronto|Canada
the Opera House|theatre|Sydney|Australia
Bondi Beach|beach|Sydney|Australia
the Maracana|stadium|Rio de Janeiro|Brazil
Copacabana Beach|beach|Rio de Janeiro|Brazil
the Casa Rosada|palace|Buenos Aires|Argentina
the Forbidden City|palace|Beijing|China
the Bund|street|Shanghai|China
the Burj Khalifa|tower|Dubai|the United Arab Emirates
Tiananmen Square|square|Beijing|China
the Red Fort|palace|New Delhi|India
the Taj Mahal|monument|Agra|India
the Egyptian Museum|museum|Cairo|Egypt
Tahrir Square|square|Cairo|Egypt
"""

# name | what they were | city of birth
PEOPLE = """
Dante|poet|Florence
Machiavelli|writer|Florence
Mozart|composer|Salzburg
Beethoven|composer|Bonn
Schubert|composer|Vienna
Brahms|composer|Hamburg
Wagner|composer|Leipzig
Vivaldi|composer|Venice
Chaplin|actor|London
Turing|mathematician|London
Keats|poet|London
Dickens|writer|Portsmouth
Darwin|scientist|Shrewsbury
Goethe|poet|Frankfurt
Hegel|philosopher|Stuttgart
Einstein|scientist|Ulm
Euler|mathematician|Basel
Rousseau|philosopher|Geneva
Voltaire|writer|Paris
Monet|painter|Paris
Rembrandt|painter|Leiden
Vermeer|painter|Delft
Spinoza|philosopher|Amsterdam
Picasso|painter|Malaga
Kafka|writer|Prague
Marie Curie|scientist|Warsaw
Andersen|writer|Odense
Kierkegaard|philosopher|Copenhagen
Nobel|chemist|Stockholm
Joyce|writer|Dublin
Wilde|writer|Dublin
Pushkin|poet|Moscow
Dostoevsky|writer|Moscow
Borges|writer|Buenos Aires
Poe|poet|Boston
Franklin|scientist|Boston
Obama|president|Honolulu
Kahlo|painter|Mexico City
"""

WOMEN = ("Marie Curie", "Kahlo")

# Cities that are no capitals: city | country
CITIES = """
New York|the United States
Boston|the United States
Seattle|the United States
San Francisco|the United States
Los Angeles|the United States
Chicago|the United States
Milan|Italy
Florence|Italy
Venice|Italy
Naples|Italy
Barcelona|Spain
Seville|Spain
Malaga|Spain
Granada|Spain
Porto|Portugal
Lyon|France
Marseille|France
Hamburg|Germany
Munich|Germany
Cologne|Germany
Frankfurt|Germany
Dresden|Germany
Leipzig|Germany
Stuttgart|Germany
Bonn|Germany
Salzburg|Austria
Zurich|Switzerland
Geneva|Switzerland
Basel|Switzerland
Krakow|Poland
Rotterdam|the Netherlands
Antwerp|Belgium
Odense|Denmark
Istanbul|Turkey
Saint Petersburg|Russia
Toronto|Canada
Montreal|Canada
Sydney|Australia
Melbourne|Australia
Shanghai|China
Osaka|Japan
Kyoto|Japan
Mumbai|India
Agra|India
Manchester|the United Kingdom
Liverpool|the United Kingdom
Rio de Janeiro|Brazil
"""

EUROPEAN_UNION = """Austria, Belgium, Bulgaria, Croatia, Cyprus, Czech Republic, Denmark, Estonia, Finland, France, Germany,
Greece, Hungary, Ireland, Italy, Latvia, Lithuania, Luxembourg, Malta, Netherlands, Poland, Portugal, Romania, Slovakia,
Slovenia, Spain, Sweden"""

# What is listed, and its members in the order of every list.
LISTS = {
    "months of the year": "January, February, March, April, May, June, July, August, September, October, November, December",
    "days of the week": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    "seasons of the year": "spring, summer, autumn, winter",
    "planets of the solar system": "Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus, Neptune",
    "continents of the world": "Africa, Antarctica, Asia, Europe, North America, Oceania, South America",
    "colours of the rainbow": "red, orange, yellow, green, blue, indigo, violet",
    "letters of the alphabet": "A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z",
    "numbers from one to twelve": "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve",
    "fruits in the basket": "apples, bananas, cherries, grapes, lemons, melons, oranges, peaches, pears, plums",
    "animals on the farm": "bulls, cats, chickens, cows, dogs, donkeys, ducks, geese, goats, horses, pigs, rabbits, sheep",
    "instruments of the orchestra": "bassoon, cello, clarinet, drum, flute, harp, horn, oboe, trombone, trumpet, tuba, viola, "
    "violin",
    "countries of South America": "Argentina, Bolivia, Brazil, Chile, Colombia, Ecuador, Guyana, Paraguay, Peru, Suriname, "
    "Uruguay, Venezuela",
    "countries of Scandinavia": "Denmark, Norway, Sweden",
    "cities of Germany": "Berlin, Bonn, Cologne, Dresden, Frankfurt, Hamburg, Leipzig, Munich, Stuttgart",
    "cities of Italy": "Florence, Milan, Naples, Rome, Venice",
    "vegetables in the garden": "beans, cabbages, carrots, onions, peas, potatoes, pumpkins, tomatoes",
    "tools in the box": "axe, drill, hammer, knife, ladder, nail, saw, screw",
}

# kind | members (singular)
KINDS = """
animal|dog, cat, horse, cow, rabbit, bird, fish, lion, elephant, mouse, goat, sheep
fruit|apple, banana, lemon, pear, plum, cherry, peach, melon
colour|red, blue, green, yellow, black, white, brown, grey
vegetable|carrot, onion, potato, tomato, cabbage, bean
instrument|piano, violin, flute, drum, guitar, trumpet, harp
tool|hammer, saw, knife, drill, axe
vehicle|car, bus, train, bicycle, boat, plane, truck
"""

OPPOSITES = """hot cold, big small, old young, tall short, fast slow, light dark, good bad, happy sad, rich poor, early late,
open closed, clean dirty, full empty, hard soft, strong weak, wet dry, near far, high low, left right, day
night, loud quiet, cheap expensive"""

GIRLS = "Mary Anna Emma Julia Laura Sarah Lucy Helen Alice Clara Nina Rose Kate Maria Susan Linda".split()
BOYS = "John Tom Peter Paul David Daniel Mark Henry George Thomas Oliver Simon Jack Robert Martin Leo".split()


@dataclass(frozen=True)
class Fact:
    """One thing that is true: the answer to one relation of one subject."""

    relation: str
    subject: str
    answer: str
    fields: dict[str, str] = field(default_factory=dict, compare=False, hash=False)


def rows(table: str) -> list[list[str]]:
    """The rows of a table, each a list of its cells."""
    return [line.split("|") for line in table.strip().splitlines()]


def bare(name: str) -> str:
    """A name without its article."""
    return name.removeprefix("the ")


def facts() -> dict[str, list[Fact]]:
    """All facts, by relation."""
    found: list[Fact] = []
    for name, kind, city, country in rows(PLACES):
        found.append(Fact("city", name, city, {"kind": kind}))
        found.append(Fact("place country", name, country, {"kind": kind}))
        found.append(Fact("kind", name, kind))
    for name, capital, language, currency, continent, people in rows(COUNTRIES):
        about = {"people": people if people != "-" else bare(name), "continent": continent if continent != "-" else "the world"}
        answers = {"capital": capital, "language": language, "currency": currency, "continent": continent}
        found += [Fact(relation, name, answer, about) for relation, answer in answers.items() if answer != "-"]
        if capital not in ("-", "Luxembourg"):
            found.append(Fact("capital of", capital, name, about))
    found += [Fact("city country", city, country) for city, country in rows(CITIES)]
    found += [Fact("birth", name, city, {"kind": kind}) for name, kind, city in rows(PEOPLE)]
    found += [Fact("is a", thing, kind) for kind, things in rows(KINDS) for thing in things.split(", ")]
    for pair in OPPOSITES.replace("\n", " ").split(", "):
        first, second = pair.split()
        found += [Fact("opposite", first, second), Fact("opposite", second, first)]
    by_relation: dict[str, list[Fact]] = {}
    for fact in found:
        by_relation.setdefault(fact.relation, []).append(fact)
    return by_relation


def listings() -> dict[str, list[str]]:
    """Every list of the world: what is listed, and its members in order."""
    union = [name.strip() for name in EUROPEAN_UNION.replace("\n", " ").split(",")]
    others = {what: [name.strip() for name in names.split(",")] for what, names in LISTS.items()}
    return {"countries of the European Union": union} | others
