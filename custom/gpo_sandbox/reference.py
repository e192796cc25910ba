"""Lists that other operations refer to: the countries and the service lines that this sandbox knows."""

import msgspec

#: Names by code, as in ISO 3166-1: those that the documents of the sandbox deal with, and their neighbours.
COUNTRIES = {
    "AE": "United Arab Emirates",
    "AR": "Argentina",
    "AT": "Austria",
    "AU": "Australia",
    "BE": "Belgium",
    "BO": "Bolivia",
    "BR": "Brazil",
    "BZ": "Belize",
    "CA": "Canada",
    "CH": "Switzerland",
    "CL": "Chile",
    "CN": "China",
    "CO": "Colombia",
    "CR": "Costa Rica",
    "CU": "Cuba",
    "CZ": "Czechia",
    "DE": "Germany",
    "DK": "Denmark",
    "DO": "Dominican Republic",
    "EC": "Ecuador",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "GR": "Greece",
    "GT": "Guatemala",
    "HK": "Hong Kong",
    "HN": "Honduras",
    "HU": "Hungary",
    "ID": "Indonesia",
    "IE": "Ireland",
    "IL": "Israel",
    "IN": "India",
    "IT": "Italy",
    "JM": "Jamaica",
    "JP": "Japan",
    "KR": "South Korea",
    "KW": "Kuwait",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "MX": "Mexico",
    "NI": "Nicaragua",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "PA": "Panama",
    "PE": "Peru",
    "PH": "Philippines",
    "PL": "Poland",
    "PT": "Portugal",
    "PY": "Paraguay",
    "QA": "Qatar",
    "RO": "Romania",
    "SA": "Saudi Arabia",
    "SE": "Sweden",
    "SG": "Singapore",
    "SK": "Slovakia",
    "SV": "El Salvador",
    "TR": "Türkiye",
    "UA": "Ukraine",
    "US": "United States",
    "UY": "Uruguay",
    "VE": "Venezuela",
    "ZA": "South Africa",
}

#: Names by id.
SERVICE_LINES = {
    "business-tax": "Business tax",
    "customs-trade": "Customs and trade",
    "indirect-tax": "Indirect tax",
    "international-tax": "International tax",
    "people": "People and payroll",
    "transfer-pricing": "Transfer pricing",
}


class Country(msgspec.Struct, kw_only=True):
    """A country."""

    country_id: str
    name: str


class ServiceLine(msgspec.Struct, kw_only=True):
    """A line of services."""

    service_line_id: str
    name: str


def countries() -> list[Country]:
    """List the countries, sorted by name."""
    return sorted((Country(country_id=code, name=name) for code, name in COUNTRIES.items()), key=lambda it: it.name)


def service_lines() -> list[ServiceLine]:
    """List the service lines, sorted by name."""
    found = (ServiceLine(service_line_id=key, name=name) for key, name in SERVICE_LINES.items())
    return sorted(found, key=lambda it: it.name)
