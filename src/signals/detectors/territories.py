"""Where a lead belongs: the territory of a country, and of a state in the USA (catalogue 7.2).

The handbook names the territories and not their countries: the tables are ours. America outside the USA goes with US
East, which shares its hours.
"""

US_WEST, US_EAST = "US West", "US East"
EUROPE_AFRICA, ASIA_MIDDLE_EAST, ANZ = "Europe & Africa", "Asia & Middle East", "ANZ"
US_STATE_UNKNOWN, UNKNOWN_COUNTRY = "Territory 1", "Territory 3"

QUEUES = {
    US_WEST: "US West", US_EAST: "US East", EUROPE_AFRICA: "EMEA", ASIA_MIDDLE_EAST: "Asia", ANZ: "Asia",
    US_STATE_UNKNOWN: "All", UNKNOWN_COUNTRY: "Max Availability",
}  # fmt: skip
"""Territory -> default queue of the booking tool."""

_WEST = frozenset(
    {
        "Alaska", "Arizona", "California", "Colorado", "Hawaii", "Idaho", "Montana", "Nevada", "New Mexico", "Oregon",
        "Utah", "Washington", "Wyoming",
    }
)  # fmt: skip
_EAST = frozenset(
    {
        "Alabama", "Arkansas", "Connecticut", "Delaware", "District of Columbia", "Florida", "Georgia", "Illinois",
        "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan",
        "Minnesota", "Mississippi", "Missouri", "Nebraska", "New Hampshire", "New Jersey", "New York",
        "North Carolina", "North Dakota", "Ohio", "Oklahoma", "Pennsylvania", "Rhode Island", "South Carolina",
        "South Dakota", "Tennessee", "Texas", "Vermont", "Virginia", "West Virginia", "Wisconsin",
    }
)  # fmt: skip
_ANZ = frozenset({"Australia", "New Zealand"})
_AMERICA = frozenset(
    {
        "Argentina", "Bolivia", "Brazil", "Canada", "Chile", "Colombia", "Costa Rica", "Dominican Republic", "Ecuador",
        "El Salvador", "Guatemala", "Honduras", "Jamaica", "Mexico", "Nicaragua", "Panama", "Paraguay", "Peru",
        "Puerto Rico", "Trinidad and Tobago", "Uruguay", "Venezuela",
    }
)  # fmt: skip
_EUROPE_AFRICA = frozenset(
    {
        "Albania", "Algeria", "Andorra", "Angola", "Austria", "Belgium", "Benin", "Bosnia and Herzegovina", "Botswana",
        "Bulgaria", "Cameroon", "Croatia", "Cyprus", "Czech Republic", "Czechia", "Denmark", "Egypt", "Estonia",
        "Ethiopia", "Finland", "France", "Georgia", "Germany", "Ghana", "Greece", "Guernsey", "Hungary", "Iceland",
        "Ireland", "Isle of Man", "Italy", "Ivory Coast", "Jersey", "Kenya", "Latvia", "Liechtenstein", "Lithuania",
        "Luxembourg", "Madagascar", "Malta", "Mauritius", "Moldova", "Monaco", "Montenegro", "Morocco", "Mozambique",
        "Namibia", "Netherlands", "Nigeria", "North Macedonia", "Norway", "Poland", "Portugal", "Romania", "Rwanda",
        "San Marino", "Senegal", "Serbia", "Slovakia", "Slovenia", "South Africa", "Spain", "Sweden", "Switzerland",
        "Tanzania", "Tunisia", "UK", "Uganda", "Ukraine", "Zambia", "Zimbabwe",
    }
)  # fmt: skip
_ASIA_MIDDLE_EAST = frozenset(
    {
        "Armenia", "Azerbaijan", "Bahrain", "Bangladesh", "Bhutan", "Brunei", "Cambodia", "China", "Hong Kong", "India",
        "Indonesia", "Iraq", "Israel", "Japan", "Jordan", "Kazakhstan", "Kuwait", "Kyrgyzstan", "Laos", "Lebanon",
        "Macau", "Malaysia", "Maldives", "Mongolia", "Myanmar", "Nepal", "Oman", "Pakistan", "Palestine",
        "Philippines", "Qatar", "Saudi Arabia", "Singapore", "South Korea", "Sri Lanka", "Taiwan", "Tajikistan",
        "Thailand", "Turkey", "Turkmenistan", "UAE", "United Arab Emirates", "Uzbekistan", "Vietnam", "Yemen",
    }
)  # fmt: skip


def territory_of(country: str | None, state: str | None = None) -> str:
    """Return the territory of a lead; a country nobody knows is Territory 3, a US state nobody knows Territory 1.

    >>> territory_of("USA", "Oregon"), territory_of("USA"), territory_of("Germany"), territory_of(None)
    ('US West', 'Territory 1', 'Europe & Africa', 'Territory 3')
    """
    if country == "USA":
        if state in _WEST:
            return US_WEST
        return US_EAST if state in _EAST else US_STATE_UNKNOWN
    if country in _AMERICA:
        return US_EAST
    if country in _ANZ:
        return ANZ
    if country in _EUROPE_AFRICA:
        return EUROPE_AFRICA
    return ASIA_MIDDLE_EAST if country in _ASIA_MIDDLE_EAST else UNKNOWN_COUNTRY
