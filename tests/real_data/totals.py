"""Totals of the real data sets, computed straight from their CSV files; knows nothing of Factum."""
import csv
import gzip
import io
import statistics
import sys
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path


def rows(path, **options):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""), **options)


def minor(amount):
    """An amount in hundredths, rounded half to even."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def days_between(first, last):
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def crm_sales(folder):
    deals = list(rows(folder / "crm-sales-opportunities" / "sales_pipeline.csv"))
    won = [deal for deal in deals if deal["deal_stage"] == "Won"]
    lost = [deal for deal in deals if deal["deal_stage"] == "Lost"]
    cycles = [days_between(deal["engage_date"], deal["close_date"]) for deal in won]
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
    callers = set()
    names = {"New": "new", "Active": "open", "Awaiting User Info": "pending",
             "Awaiting Vendor": "on_hold", "Awaiting Problem": "on_hold",
             "Awaiting Evidence": "on_hold", "Resolved": "resolved", "Closed": "closed"}
    levels = {"1 - Critical": "urgent", "2 - High": "high", "3 - Moderate": "normal",
              "4 - Low": "low"}
    last, reopenings = {}, Counter()
    for row in rows(folder / "itsm-incident-log" / "incident_event_log.csv.gz"):
        if row["incident_state"] == "-100":
            continue  # the import rejects these rows by name
        number = row["number"]
        last[number] = (names[row["incident_state"]], levels[row["priority"]])
        reopenings[number] = max(reopenings[number], int(row["reopen_count"]))
        if row["caller_id"] != "?":
            callers.add(row["caller_id"])
    return {
        "customers": len(callers),
        "tickets": len(last),
        "tickets by state": dict(Counter(state for state, _ in last.values())),
        "tickets by state and priority": dict(Counter(last.values())),
        "reopened tickets": sum(1 for count in reopenings.values() if count > 0),
        "reopenings": sum(reopenings.values()),
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
    answers = list(rows(folder / "sfo-survey-2017" / "2017_SFO_Customer_Survey.csv"))
    scores = [int(answer["NETPRO"]) for answer in answers if answer["NETPRO"]]
    asked = [score for score in scores if score <= 10]
    promoters = sum(1 for score in asked if score >= 9)
    detractors = sum(1 for score in asked if score <= 6)
    return {
        "answers": len(answers),
        "scored answers": len(asked),
        "nps": 100 * (promoters - detractors) / len(asked),
    }


SETS = {
    "crm-sales-opportunities": crm_sales,
    "online-retail": online_retail,
    "itsm-incident-log": itsm,
    "superstore-cn": superstore,
    "adventureworks-people": adventureworks,
    "sfo-survey-2017": sfo,
}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: totals.py DATA    DATA: the folder that holds the data sets")
    for name, totals in SETS.items():
        print(name)
        for title, value in totals(Path(sys.argv[1])).items():
            if isinstance(value, dict) and len(value) > 12:
                value = f"{len(value)} values, sum {sum(value.values())}"
            print(f"  {title}: {value}")


if __name__ == "__main__":
    main()
