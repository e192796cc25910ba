"""Words that mean the same, in English and Spanish, so that a question in one finds passages in the other.

One group a line, written folded: lower case, without accents.
"""


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
