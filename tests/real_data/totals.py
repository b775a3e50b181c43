"""Totals of the real data sets, computed straight from their CSV files; knows nothing of Factum."""
import csv
import gzip
import io
import statistics
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal


def rows(path, **options):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""), **options)


def minor(amount):
    """An amount in hundredths, rounded half to even."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def crm_sales(folder):
    deals = list(rows(folder / "crm-sales-opportunities" / "sales_pipeline.csv"))
    won = [deal for deal in deals if deal["deal_stage"] == "Won"]
    lost = [deal for deal in deals if deal["deal_stage"] == "Lost"]
    cycles = [(date.fromisoformat(deal["close_date"]) - date.fromisoformat(deal["engage_date"])).days
              for deal in won]
    per_agent, per_product = Counter(), Counter()
    for deal in won:
        per_agent[deal["sales_agent"]] += minor(deal["close_value"])
        per_product[deal["product"].replace("GTXPro", "GTX Pro")] += minor(deal["close_value"])
    return {
        "customers": sum(1 for _ in rows(folder / "crm-sales-opportunities" / "accounts.csv")),
        "deals by stage": dict(Counter(deal["deal_stage"].lower() for deal in deals)),
        "won value": sum(per_agent.values()),
        "won value per agent": dict(per_agent),
        "won value per product": dict(per_product),
        "win rate": 100 * len(won) / (len(won) + len(lost)),
        "closed deals": len(won) + len(lost),
        "median cycle": statistics.median(cycles),
    }


def online_retail(folder):
    customers, invoices = set(), set()
    month, revenue = {}, defaultdict(int)
    for row in rows(folder / "online-retail" / "online_retail.csv.gz"):
        number = row["InvoiceNo"]
        if row["CustomerID"]:
            customers.add(row["CustomerID"])
        invoices.add(number)
        # An invoice with two timestamps belongs to the month of its first line.
        when = month.setdefault(number, row["InvoiceDate"][:7])
        revenue[when, row["Country"]] += minor(Decimal(row["UnitPrice"]) * int(row["Quantity"]))
    kinds = Counter(number[0] if number[0] in "CA" else "order" for number in invoices)
    per_month = defaultdict(int)
    for (when, _), amount in revenue.items():
        per_month[when] += amount
    return {
        "customers": len(customers),
        "orders": kinds["order"],
        "returns": kinds["C"],
        "adjustments": kinds["A"],
        "revenue": sum(revenue.values()),
        "revenue per month": dict(per_month),
        "revenue per month and country": dict(revenue),
    }


def itsm(folder):
    state, reopened, callers = {}, set(), set()
    names = {"New": "new", "Active": "open", "Awaiting User Info": "pending", "Resolved": "resolved",
             "Closed": "closed", "Awaiting Vendor": "on_hold", "Awaiting Problem": "on_hold",
             "Awaiting Evidence": "on_hold"}
    for row in rows(folder / "itsm-incident-log" / "incident_event_log.csv.gz"):
        if row["incident_state"] == "-100":
            continue  # the import rejects these rows by name
        state[row["number"]] = names[row["incident_state"]]
        if int(row["reopen_count"]) > 0:
            reopened.add(row["number"])
        if row["caller_id"] != "?":
            callers.add(row["caller_id"])
    return {
        "customers": len(callers),
        "tickets": len(state),
        "tickets by state": dict(Counter(state.values())),
        "reopened tickets": len(reopened),
    }


def superstore(folder):
    orders = list(rows(folder / "superstore-cn" / "orders.csv"))
    returned = {row["订单 ID"] for row in rows(folder / "superstore-cn" / "returns.csv")}
    revenue = defaultdict(int)
    for row in orders:
        revenue[row["订单日期"][:7]] += minor(row["销售额"])
    keys = {(row["订单 ID"], row["客户 ID"], row["订单日期"]) for row in orders}
    return {
        "customers": len({row["客户 ID"] for row in orders}),
        "orders": len(keys),
        "returns": sum(1 for key in keys if key[0] in returned),
        "returned value": sum(minor(r["销售额"]) for r in orders if r["订单 ID"] in returned),
        "ordered per month": dict(revenue),
    }


def adventureworks(folder):
    base = folder / "adventureworks-people"

    def table(name, columns, delimiter="|"):
        return rows(base / f"{name}.csv.gz", fieldnames=columns, delimiter=delimiter,
                    quoting=csv.QUOTE_NONE, restkey="rest")

    people = {row["id"]: row for row in table("Person", ["id", "type", "style", "title", "first"])}
    country = {row["id"]: row["country"].strip()
               for row in table("StateProvince", ["id", "code", "country"], "\t")}
    state = {row["id"]: row["state"]
             for row in table("Address", ["id", "one", "two", "city", "state"], "\t")}
    home = {}
    for row in table("BusinessEntityAddress", ["id", "address"]):
        if row["id"] in people:
            home.setdefault(row["id"], country[state[row["address"]]])
    return {
        "customers": len(people),
        "customers per country": dict(Counter(home.values())),
    }


def sfo(folder):
    scores = [int(row["NETPRO"]) for row in
              rows(folder / "sfo-survey-2017" / "2017_SFO_Customer_Survey.csv") if row["NETPRO"]]
    asked = [score for score in scores if score <= 10]
    promoters = sum(1 for score in asked if score >= 9)
    detractors = sum(1 for score in asked if score <= 6)
    return {
        "answers": sum(1 for _ in rows(folder / "sfo-survey-2017" / "2017_SFO_Customer_Survey.csv")),
        "scored answers": len(asked),
        "nps": 100 * (promoters - detractors) / len(asked),
    }
