#!/usr/bin/env python3
"""Imports the real data sets and compares what the API answers with totals from the CSV files.

Usage: real_data_test.py FACTUM [SET…]    FACTUM: the program; SET: data sets, default all

The data is read from FACTUM_TEST_DATA, else from ../shared/data beside the project. Without it
nothing is tested, except where CI is set: there that is a failure.
"""
import gzip
import os
import shutil
import sys
import tempfile
import unittest
from collections import defaultdict
from pathlib import Path

import totals
from factum_process import Server, run_import

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("FACTUM_TEST_DATA") or ROOT / ".." / "shared" / "data")
FACTUM = ""


class SetCase(unittest.TestCase):
    """One data set: imported twice, then asked."""

    profile = ""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="factum-real-data-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        data = cls.folder / "data"
        cls.first = run_import(FACTUM, data, cls.profile, DATA / cls.profile)
        cls.second = run_import(FACTUM, data, cls.profile, DATA / cls.profile)
        cls.expected = totals.SETS[cls.profile](DATA)
        cls.server = Server(FACTUM, data)
        cls.addClassCleanup(cls.server.__exit__)

    def imported(self, **counts):
        """Checks the summary of the first import and that the second added nothing."""
        self.assertEqual(self.first.error, "")
        for what, count in counts.items():
            self.assertEqual(self.first.count(what.replace("_", " ")), count, what)
        self.assertEqual(self.first.count("events recorded"), self.server.head)
        self.assertEqual(self.second.count("events recorded"), 0)
        self.assertEqual(self.second.count("facts new"), 0)
        self.assertEqual(self.second.count("facts corrected"), 0)
        self.assertEqual(self.second.count("facts unchanged"), self.first.count("facts new"))

    def customers(self, **query):
        return sum(1 for _ in self.server.pages("/v1/customers", **query))

    def ids_by_name(self, event, kind):
        return {e["data"]["name"]: e["data"][kind] for e in self.server.events(type=event)}


class CrmSales(SetCase):
    profile = "crm-sales-opportunities"

    def funnel(self, **query):
        pipeline = self.server.events(type="PipelineDefined")[0]["data"]["pipeline"]
        return self.server.get(f"/v1/pipelines/{pipeline}/funnel", **query)

    def won_value(self, **query):
        tallies = self.funnel(**query)["closed"]["won_value"]
        self.assertLessEqual(len(tallies), 1)
        return tallies[0]["sum"]["minor"] if tallies else 0

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=8927, rows_and_facts_rejected=0)

    def test_customers(self):
        self.assertEqual(self.customers(), self.expected["customers"])

    def test_deals_by_stage(self):
        answer = self.funnel()
        stages = {stage["stage"]: stage["open_now"] for stage in answer["stages"]}
        self.assertEqual(
            {"prospecting": stages["prospecting"], "engaging": stages["engaging"],
             "won": answer["closed"]["won"], "lost": answer["closed"]["lost"]},
            self.expected["deals by stage"])

    def test_won_value(self):
        self.assertEqual(self.won_value(), self.expected["won value"])

    def test_won_value_per_agent(self):
        agents = {user["name"]: user["user"] for user in self.server.pages("/v1/users")
                  if user["role"] == "sales_agent"}
        self.assertEqual(len(agents), 35)
        values = {name: self.won_value(owner=user) for name, user in agents.items()}
        self.assertEqual({name: value for name, value in values.items() if value},
                         self.expected["won value per agent"])

    def test_won_value_per_product(self):
        products = self.ids_by_name("ProductCreated", "product")
        values = {name: self.won_value(product=product) for name, product in products.items()}
        self.assertEqual(values, self.expected["won value per product"])

    def test_win_rate_and_median_cycle(self):
        answer = self.funnel()
        self.assertAlmostEqual(answer["win_rate"]["value"], self.expected["win rate"], places=9)
        self.assertEqual(answer["win_rate"]["denominator"], self.expected["closed deals"])
        self.assertEqual(answer["median_cycle"]["value"], self.expected["median cycle"])


class OnlineRetail(SetCase):
    profile = "online-retail"

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=541909, rows_and_facts_rejected=0)
        self.assertEqual(self.first.count("broken rule return.order_missing"),
                         self.expected["returns"])

    def test_customers(self):
        self.assertEqual(self.customers(), self.expected["customers"])

    def test_orders_returns_and_adjustments(self):
        for what, event in (("orders", "OrderPlaced"), ("returns", "ReturnReceived"),
                            ("adjustments", "AdjustmentRecorded")):
            self.assertEqual(self.server.count_events(event), self.expected[what])

    def test_revenue_per_month_and_country(self):
        answer = self.server.get("/v1/revenue")
        cells = {(cell["month"][:7], cell["country"]): cell["net"]["minor"]
                 for cell in answer["cells"]}
        self.assertEqual(cells, self.expected["revenue per month and country"])
        self.assertEqual(answer["undated"], [])
        self.assertEqual(answer["net"], [{"minor": self.expected["revenue"], "currency": "GBP"}])

    def test_revenue_per_month(self):
        months = defaultdict(int)
        for cell in self.server.get("/v1/revenue")["cells"]:
            months[cell["month"][:7]] += cell["net"]["minor"]
        self.assertEqual(dict(months), self.expected["revenue per month"])


class ItsmIncidents(SetCase):
    profile = "itsm-incident-log"

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=119998, rows_and_facts_rejected=2)
        self.assertEqual(self.first.count("rejected for import.unknown_state"), 2)

    def test_customers(self):
        self.assertEqual(self.customers(), self.expected["customers"])

    def test_tickets_by_state_and_priority(self):
        counts = self.server.get("/v1/tickets:count")
        self.assertEqual(counts["total"], self.expected["tickets"])
        cells = {(cell["state"], cell["priority"]): cell["tickets"]
                 for cell in counts["by_state_and_priority"]}
        self.assertEqual({key: count for key, count in cells.items() if count},
                         self.expected["tickets by state and priority"])

    def test_reopened_tickets(self):
        self.assertEqual(self.server.get("/v1/tickets:count")["reopened"],
                         self.expected["reopened tickets"])
        self.assertEqual(self.server.count_events("TicketReopened"), self.expected["reopenings"])


class SuperstoreCn(SetCase):
    profile = "superstore-cn"

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=10302, rows_and_facts_rejected=0)

    def test_customers(self):
        self.assertEqual(self.customers(), self.expected["customers"])

    def test_orders_and_returns(self):
        self.assertEqual(self.server.count_events("OrderPlaced"), self.expected["orders"])
        self.assertEqual(self.server.count_events("ReturnReceived"), self.expected["returns"])

    def test_ordered_per_month_and_undated_returns(self):
        answer = self.server.get("/v1/revenue")
        self.assertEqual({cell["month"][:7]: cell["ordered"]["minor"] for cell in answer["cells"]},
                         self.expected["ordered per month"])
        self.assertEqual([cell["returned"]["minor"] for cell in answer["undated"]],
                         [self.expected["returned value"]])


class AdventureworksPeople(SetCase):
    profile = "adventureworks-people"

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=99593, rows_and_facts_rejected=0)

    def test_customers(self):
        self.assertEqual(self.customers(), self.expected["customers"])

    def test_customers_per_country(self):
        per_country = {country: self.customers(country=country)
                       for country in self.expected["customers per country"]}
        self.assertEqual(per_country, self.expected["customers per country"])


class SfoSurvey(SetCase):
    profile = "sfo-survey-2017"

    def test_the_import_says_what_it_did(self):
        self.imported(rows_read=2831, rows_and_facts_rejected=0)

    def test_nps(self):
        total = self.server.get("/v1/satisfaction", kind="nps", survey="sfo-2017")["total"]
        self.assertEqual(total["answers"], self.expected["scored answers"])
        self.assertEqual(total["answers"] + total["without_score"], self.expected["answers"])
        self.assertEqual(total["result"]["denominator"], self.expected["scored answers"])
        self.assertAlmostEqual(total["result"]["value"], self.expected["nps"], places=9)


class BrokenFiles(unittest.TestCase):
    """Files that cannot be read to their end: a clear error, and nothing recorded."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="factum-real-data-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.folder / "data"

    def copy(self, name, change):
        """A copy of a data set in which every file goes through `change(name, bytes)`."""
        target = self.folder / name
        target.mkdir()
        for file in (DATA / name).iterdir():
            (target / file.name).write_bytes(change(file.name, file.read_bytes()))
        return target

    def refused(self, profile, folder, *sentences):
        outcome = run_import(FACTUM, self.data, profile, folder)
        self.assertNotEqual(outcome.code, 0)
        self.assertEqual(len(outcome.error.splitlines()), 1, outcome.error)
        for sentence in sentences:
            self.assertIn(sentence, outcome.error)
        with Server(FACTUM, self.data) as server:
            self.assertEqual(server.head, 0)

    def test_a_file_cut_in_the_middle(self):
        def cut(name, content):
            return content[:len(content) // 2] if name == "sales_pipeline.csv" else content

        folder = self.copy("crm-sales-opportunities", cut)
        lines = (folder / "sales_pipeline.csv").read_bytes().count(b"\n") + 1
        self.refused("crm-sales-opportunities", folder, f"sales_pipeline.csv: line {lines},",
                     "cut off")
        whole = run_import(FACTUM, self.data, "crm-sales-opportunities",
                           DATA / "crm-sales-opportunities")
        self.assertEqual(whole.code, 0)

    def test_a_packed_file_cut_in_the_middle(self):
        packed = gzip.compress((DATA / "sfo-survey-2017" / "2017_SFO_Customer_Survey.csv")
                               .read_bytes())
        file = self.folder / "2017_SFO_Customer_Survey.csv.gz"
        file.write_bytes(packed[:len(packed) // 2])
        self.refused("sfo-survey-2017", file, file.name + ": ", "cut off")

    def test_another_encoding(self):
        folder = self.copy("superstore-cn",
                           lambda _, content: content.decode().encode("gb18030"))
        self.refused("superstore-cn", folder, ": line 1, column 1: this is not UTF-8 text",
                     "--encoding")
        named = run_import(FACTUM, self.data, "superstore-cn", folder, "--encoding", "gb18030")
        self.assertEqual((named.code, named.error), (0, ""))
        plain = run_import(FACTUM, self.data, "superstore-cn", DATA / "superstore-cn")
        self.assertEqual(plain.count("events recorded"), 0)


CASES = {case.profile: case for case in
         (CrmSales, OnlineRetail, ItsmIncidents, SuperstoreCn, AdventureworksPeople, SfoSurvey)}
CASES["broken-files"] = BrokenFiles


def main():
    global FACTUM  # noqa: PLW0603  # the cases are made by unittest
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(CASES):
        sys.exit(f"usage: real_data_test.py FACTUM [SET…]    SET: {' '.join(CASES)}")
    if not (DATA / "README.md").is_file():
        print(f"skipped: {', '.join(sys.argv[2:] or CASES)}: no real data at {DATA}")
        sys.exit(1 if os.environ.get("CI") else 0)
    FACTUM = sys.argv[1]
    suite = unittest.TestSuite()
    for name in sys.argv[2:] or CASES:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(CASES[name]))
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if outcome.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
