"""Just enough English and Spanish: folding, words, stop words, stems, telling the two apart, and synonyms."""

import re
import unicodedata
from typing import Literal


def _groups(lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.strip() for word in line.split("|")) for line in lines.strip().splitlines())


# Terms of taxation: a question that has one of them is at home here.
TAX_TERMS = _groups(
    """
    royalty | royalties | regalia | regalias
    withholding | withhold | withheld | retencion | retenciones | retener
    payroll | nomina | nominas
    startup | startups | start up | start ups | empresa emergente | empresas emergentes
    isr | income tax | impuesto sobre la renta
    iva | vat | value added tax | impuesto al valor agregado
    tax | taxes | impuesto | impuestos | taxation | tributacion | fiscal
    taxed | tributan | tributar | gravado | gravados | causa | causan
    regime | regimes | regimen | regimenes
    saas | software as a service | software como servicio
    permanent establishment | establecimiento permanente
    transfer pricing | precios de transferencia
    related parties | related party | partes relacionadas | intercompany | intra group
    treaty | treaties | tratado | tratados
    double taxation | doble tributacion | doble imposicion
    residence certificate | constancia de residencia | tax residence
    deduction | deductions | deductible | deduct | deduccion | deducciones | deducible | deducir
    depreciation | depreciate | depreciacion | depreciar | amortizacion | amortization
    profit sharing | ptu | reparto de utilidades | participacion de los trabajadores
    dividend | dividends | dividendo | dividendos
    thin capitalisation | thin capitalization | capitalizacion delgada
    stock options | stock option | share options | opciones de acciones | equity compensation | rsu | rsus
    wages | salary | salaries | sueldo | sueldos | salario | salarios
    social security | seguridad social | seguro social | imss
    outsourcing | subcontratacion | repse | specialised services | servicios especializados
    invoice | invoices | invoicing | factura | facturas | facturacion | cfdi
    digital platform | digital platforms | plataforma digital | plataformas digitales | platforms | marketplaces
    digital services | servicios digitales | streaming | apps
    credit | credito | creditos | acreditar | acreditamiento | creditable
    refund | refunds | devolucion | devoluciones
    research and development | r d | efidt | investigacion y desarrollo | research
    incentive | incentives | estimulo | estimulos | stimulus | incentivo | incentivos
    immediate deduction | deduccion inmediata
    trust regime | resico | regimen simplificado de confianza
    maquiladora | maquiladoras | maquila | immex
    safe harbour | safe harbor | puerto seguro
    provisional payments | advance payments | pagos provisionales | monthly payments | pagos mensuales
    annual return | tax return | declaracion anual | declaraciones anuales
    reportable schemes | esquemas reportables
    controlled foreign | cfc | refipre | regimenes fiscales preferentes | preferential tax regimes
    technical assistance | asistencia tecnica | know how
    """
)

# Words that a question about anything may have.
COMMON_WORDS = _groups(
    """
    company | companies | empresa | empresas | sociedad | persona moral | personas morales | legal entities
    individual | individuals | persona fisica | personas fisicas | freelancer | freelancers
    technology | tech | tecnologia | tecnologias | tecnologicas | tecnologica
    software | programa de computo | programas de computo | computer program
    equipment | equipo | equipos | hardware
    computer | computers | computadora | computadoras | computo
    server | servers | servidor | servidores
    interest | intereses | loan | loans | prestamo | prestamos
    employee | employees | worker | workers | empleado | empleados | trabajador | trabajadores
    remote | remotely | telework | teletrabajo | home office | trabajo remoto | remoto
    cancel | cancellation | cancelling | cancelar | cancelacion
    export | exports | exported | exporting | exportacion | exportar | exportados
    import | imports | importation | importacion | importaciones | importar
    border | frontera | fronteriza
    shelter | albergue
    rate | rates | tasa | tasas | tarifa
    losses | loss | perdida | perdidas
    deadline | deadlines | due date | due | plazo | plazos | fecha limite | vencimiento
    calendar | calendario
    non resident | non residents | nonresident | foreign | extranjero | extranjeros | extranjera | extranjeras | abroad
    mexico | mexican | mexicano | mexicana | mexicanos | mexicanas
    trademark | trademarks | marca | marcas
    patent | patents | patente | patentes
    licence | licences | license | licenses | licencia | licencias
    shareholder | shareholders | socio | socios | accionista | accionistas
    branch | sucursal | sucursales
    united states | usa | estados unidos
    receive | receives | recibe | reciben | entitled
    """
)


Language = Literal["en", "es"]

_WORD = re.compile(r"\w+")

# Written without accents, because words are compared after folding.
_SPANISH_STOP_WORDS = """
    a acerca al algo algun alguna ante antes aplica aplican como con cual cuales cuando cuanto cuanta cuantos
    cuantas de debe deben debo del desde donde dos durante e el ella ellos en entre era es esa ese eso esta estan
    estar este esto estos explica explicame expliqueme fue ha hace hacer hacia hasta hay incluye la las le les lo los
    mas me mi mis muy necesita necesito ni no nos o otra otro otros para pero por porque puede pueden puedo que quien
    quienes se sea segun ser si sin sobre son su sus tal tambien tengo tiene tienen todo todos tu un una unas uno
    unos usa y ya yo dime funciona funcionan existe existen pasa evito hola gracias
    buenos buenas tardes noches saludos adios luego
"""
_ENGLISH_STOP_WORDS = """
    a about after all also am an and any apply applies are as at be been before being between but by can could
    describe did do does doing each explain for from get give had has have having how i if in into is it its just
    know like main many may me might more most much must my need no not of on only or other our out over please same
    shall should so some such tell than that the their them then there these they this those to too under until up
    us use used was we were what when where which while who whom why will with work works would you your happens
    different exist exists implications best good make makes working long hello thanks
    hi hey bye goodbye
"""
_SPANISH, _ENGLISH = frozenset(_SPANISH_STOP_WORDS.split()), frozenset(_ENGLISH_STOP_WORDS.split())


def folded(text: str) -> str:
    """Write text in lower case without accents, as the search index does."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def spelled_words(text: str) -> list[str]:
    """Return the words of a text as they were written, in order."""
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return _WORD.findall(folded(text))


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about, each once, in order of appearance."""
    return list(dict.fromkeys(word for word in words(text) if word not in _SPANISH and word not in _ENGLISH))


def language_of(text: str) -> Language:
    """Tell Spanish from English by stop words and letters; English when in doubt."""
    found = words(text)
    spanish = sum(word in _SPANISH for word in found) + sum(mark in text for mark in "¿¡ñáéíóú")
    english = sum(word in _ENGLISH for word in found)
    return "es" if spanish > english else "en"


def stem(word: str) -> str:
    """Cut the endings that mark plural and the like, so that one form of a word finds the others."""
    for ending in ("ciones", "cion", "tions", "tion", "ies", "es", "s", "y", "o", "a", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
