#!/usr/bin/env python3
"""Tests of scripts/verify_log.py and its modules. Runs as the test `verify_log_test`.

Published test vectors are read from FACTUM_TEST_DATA, else from ../shared/data beside the project;
without them those tests are skipped. The logs are made by scripts/log_fixture.py.
"""

import base64
import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ed25519  # noqa: E402
import log_check  # noqa: E402
import log_fixture as fixture  # noqa: E402
import log_mutations  # noqa: E402
import log_proof  # noqa: E402
import log_record  # noqa: E402
import log_source  # noqa: E402
import verify_log  # noqa: E402
from log_fixture import Event, Files, Key, MemoryFiles  # noqa: E402
from log_proof import Wrong  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
VECTORS = Path(os.environ.get("FACTUM_TEST_DATA") or ROOT / ".." / "shared" / "data") / "vectors"
MUTATIONS = 1100
KEY = Key(b"k" * 32)
OTHER_KEY = Key(b"o" * 32)
SMALLEST = bytes.fromhex(
    "01018f2b4e5a007000800000000000000100074465616c576f6e0001010006" "6465616c3a31000000027b7d"
    "0006757365723a31000001" + "00" * 35)
SMALLEST_HASH = "a7a649c45335ec62e443d87f02c679784bb1dd31f8039ee7ee9edff4410af2cf"


def vectors(name: str) -> Path:
    path = VECTORS / name
    if not path.exists():
        print(f"skipped: no test vectors at {path}", file=sys.stderr)
        raise unittest.SkipTest(f"no {path}")
    return path


def check(source, held: bytes | None = None, key: Key = KEY) -> log_check.Result:
    """What the program would report; `source` may also be the files of a bundle."""
    result = log_check.Result("test")
    try:
        if isinstance(source, dict):
            source = log_source.Bundle(MemoryFiles(source))
        log_check.check_log(source, key.vkey, log_proof.parse_vkey(key.vkey), held, result, True,
                            lambda done, total: None)
    except Wrong as error:
        result.fault = error
    return result


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the program."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = verify_log.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


def bundle(events: list[Event]) -> Files:
    return fixture.bundle(events, KEY)


# ---- Published vectors --------------------------------------------------------------------------


class Vectors(unittest.TestCase):
    def test_ed25519(self):
        data = json.loads((vectors("wycheproof") / "ed25519_test.json").read_text())
        count = 0
        for group in data["testGroups"]:
            public = bytes.fromhex(group["publicKey"]["pk"])
            for case in group["tests"]:
                count += 1
                good = ed25519.verify(public, bytes.fromhex(case["msg"]),
                                      bytes.fromhex(case["sig"]))
                self.assertEqual(good, case["result"] == "valid", case)
        self.assertEqual(count, data["numberOfTests"])

    def test_merkle_proofs(self):
        def read(text):
            return log_proof.hash_from_base64(text, "a hash")

        count = 0
        for file in sorted(vectors("merkle-rfc6962").rglob("*.json")):
            case = json.loads(file.read_text())
            good = True
            try:
                hashes = [read(text) for text in case["proof"] or []]
                if "leafIdx" in case:
                    log_proof.check_inclusion(case["leafIdx"], case["treeSize"], read(
                        case["leafHash"]), hashes, read(case["root"]))
                else:
                    log_proof.check_consistency(case["size1"], case["size2"], hashes, read(
                        case["root1"]), read(case["root2"]))
            except Wrong:
                good = False
            self.assertEqual(good, not case["wantErr"], file)
            count += 1
        self.assertGreater(count, 90)

    def test_signed_note(self):
        data = json.loads((vectors("signed-note-c2sp") / "vectors.json").read_text())
        vkey = log_proof.parse_vkey(data["signed_note"]["verifier_key"])
        note = data["signed_note"]["note"]
        text = log_proof.open_note(note.encode(), vkey)
        self.assertEqual(text, "This is an example message.\n")
        for bad in (note.replace("example m", "example n"), note[:-1], note + "\n",
                    note.replace("IneyaQM=", "IneyaQN="), note.replace("\u2014", "-"),
                    note.replace("foo U", "foo V"), note.replace("message.", "message.\r")):
            with self.assertRaises(Wrong, msg=bad):
                log_proof.open_note(bad.encode(), vkey)
        example = data["checkpoint_example"]["text"].partition("\n\n")[0] + "\n"
        self.assertEqual(log_proof.parse_checkpoint(example)[:2],
                         ("example.com/behind-the-sofa", 20852163))

    def test_canonical_json(self):
        folder = vectors("json-canonicalization-rfc8785")
        for file in sorted((folder / "output").iterdir()):
            with self.subTest(file.name):
                data = file.read_bytes()
                self.assertEqual(data.hex(), "".join(
                    (folder / "outhex" / f"{file.stem}.txt").read_text().split()))
                if file.stem == "values":  # has fractions, which the log does not write
                    with self.assertRaises(Wrong):
                        log_record.read_canonical(data)
                else:
                    self.assertEqual(log_record.read_canonical(data), json.loads(data))
                with self.assertRaises(Wrong):
                    log_record.read_canonical((folder / "input" / file.name).read_bytes())


# ---- The parts ----------------------------------------------------------------------------------


class Parts(unittest.TestCase):
    def test_canonical_data(self):
        for good in (b"{}", b'{"a":1,"b":[{},null,true,-1,9007199254740992]}',
                     '{"\U0001f602":1,"\ufb33":2}'.encode(), b'{"a":"\\u000f\\n\\"\\\\/\x7f"}'):
            log_record.check_canonical_object(good)
        for bad in (*log_mutations.BAD_DATA, b"1", b"{} ", b'{"b":1,"a":2}', b'{"a":1.0}',
                    b'{"a":"\\u000F"}', b'{"a":' + b"[" * 10**5 + b"]" * 10**5 + b"}",
                    b'{"a":1' + b"0" * 5000 + b"}", '{"\ufb33":2,"\U0001f602":1}'.encode()):
            with self.assertRaises(Wrong, msg=bad[:40]):
                log_record.check_canonical_object(bad)

    def test_the_record_of_the_documents(self):
        self.assertEqual(hashlib.sha256(SMALLEST).hexdigest(), SMALLEST_HASH)
        self.assertEqual(log_record.read_record(SMALLEST).type, b"DealWon")
        for change in ({0: 2}, {18: 8}, {53: 0}, {53: 5}, {86: 1}, {86: 2}, {87: 1}, {88: 1}):
            data = bytearray(SMALLEST)
            for at, value in change.items():
                data[at] = value
            with self.assertRaises(Wrong, msg=change):
                log_record.read_record(bytes(data))
        for data in (SMALLEST + b"\0", SMALLEST[:-1], b"",
                     SMALLEST.replace(b"\1\0\6deal:1", b"\2\0\6deal:1\0\6deal:1"),
                     SMALLEST.replace(b"\1\0\6deal:1", b"\2\0\6deal:1\0\6deal:0")):
            with self.assertRaises(Wrong):
                log_record.read_record(data)

    def test_keys(self):
        self.assertEqual(log_proof.parse_vkey(KEY.vkey).public_key, KEY.public)
        name, key_id, key = KEY.vkey.split("+", 2)
        for bad in ("", name, f"{name}+{key_id}", f"+{key_id}+{key}", f"{name}x+{key_id}+{key}",
                    f"{name}+{key_id.upper()}+{key}", f"{name}+00000000+{key}", KEY.vkey + "=",
                    f"{name} +{key_id}+{key}"):
            with self.assertRaises(Wrong, msg=bad):
                log_proof.parse_vkey(bad)

    def test_checkpoints(self):
        root = base64.b64encode(bytes(32)).decode()
        good = f"{KEY.name}\n7\n{root}\n"
        vkey = log_proof.parse_vkey(KEY.vkey)
        log_proof.open_checkpoint(KEY.note(good), vkey)
        log_proof.open_checkpoint(KEY.note(good + "an extension\n"), vkey)
        unknown = f"\u2014 witness.example {root}\n".encode()
        log_proof.open_checkpoint(KEY.note(good) + unknown, vkey)
        for bad in (f"{KEY.name}\n07\n{root}\n", f"{KEY.name}\n-7\n{root}\n", f"x\n7\n{root}\n",
                    f"{KEY.name}\n7\n{root[4:]}\n", f"{KEY.name}\n7\n",
                    f"{KEY.name}\n7\n\n{root}\n",
                    f"{KEY.name}\n9223372036854775808\n{root}\n", f"{KEY.name}\n\u0667\n{root}\n"):
            with self.assertRaises(Wrong, msg=bad):
                log_proof.open_checkpoint(KEY.note(bad), vkey)

    def test_paths_of_tiles(self):
        self.assertEqual(log_proof.tile_path("tile/0", 1234067), "tile/0/x001/x234/067")
        self.assertEqual(log_proof.tile_path("records", 0, 7), "records/000.p/7")
        self.assertEqual(log_proof.tile_path("tile/1", 1000, 256), "tile/1/x001/000")

    def test_a_tree_of_three_levels(self):
        leaves = [number.to_bytes(32, "big") for number in range(70000)]
        full: dict[int, int] = {}
        tree = log_proof.TileTree(lambda level, *_: full.update({level: full.get(level, 0) + 1}))
        for leaf in leaves:
            tree.add(leaf)
        self.assertEqual(tree.root(), fixture.tree_hash(leaves))
        self.assertEqual((full, [len(row) for row in tree.rows]), ({0: 273, 1: 1}, [112, 17, 1]))

    def test_proofs_of_all_small_trees(self):
        leaves = [number.to_bytes(32, "big") for number in range(20)]
        for size in range(1, 21):
            root = fixture.tree_hash(leaves[:size])
            for index in range(size):
                log_proof.check_inclusion(index, size, leaves[index],
                                          fixture.inclusion(index, leaves[:size]), root)
                log_proof.check_consistency(
                    index + 1, size, fixture.consistency(index + 1, leaves[:size]),
                    fixture.tree_hash(leaves[:index + 1]), root)


# ---- Sound logs ---------------------------------------------------------------------------------


class SoundLogs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.events = fixture.make_events(random.Random(1), 600)
        cls.leaves = fixture.leaf_hashes(fixture.entries_of(cls.events))
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.bundle = cls.folder / "bundle"
        fixture.write(cls.bundle, bundle(cls.events))
        cls.held = cls.folder / "held"
        cls.held.write_bytes(fixture.checkpoint(KEY, cls.leaves[:300]))

    def good(self, *arguments):
        code, out, err = run(*arguments, "--vkey", KEY.vkey, "--json")
        self.assertEqual((code, err), (0, ""), out)
        answer = json.loads(out)
        self.assertTrue(answer["good"])
        self.assertEqual(answer["events_checked"], len(self.events))
        return answer

    def test_sizes(self):
        for size in (0, 1, 2, 255, 256, 257, 511, 512, 513):
            result = check(bundle(fixture.make_events(random.Random(size), size)))
            self.assertIsNone(result.fault, size)
            self.assertEqual((result.events, result.notes), (size, []))

    def test_held_checkpoints(self):
        files = bundle(self.events)
        for size in (0, 1, 7, 255, 256, 257, 512, 599, 600):
            result = check(files, fixture.checkpoint(KEY, self.leaves[:size]))
            self.assertEqual((result.fault, result.held_found), (None, True), size)

    def test_a_folder(self):
        answer = self.good(self.bundle, "--held", self.held, "--list-destroyed")
        destroyed = [p for p, event in enumerate(self.events, 1) if None in event.ciphertexts]
        self.assertEqual(answer["destroyed_positions"], destroyed)
        self.assertEqual(answer["held"], {"size": 300, "contained": True})
        code, out, _ = run(self.bundle, "--vkey", KEY.vkey, "--list-destroyed")
        self.assertEqual(code, 0)
        self.assertIn(f"at position {destroyed[-1]}\n", out)
        self.assertIn("\ngood: ", out)

    def test_a_zip_file_without_ciphertexts(self):
        files = {path: data for path, data in fixture.publish(KEY, self.events).items()
                 if not path.startswith("ciphertexts/")}
        files = {**fixture.with_manifest(files, KEY, len(self.events)), "more\x1b": b""}
        path = self.folder / "bundle.zip"
        path.write_bytes(fixture.zip_of(files, method=zipfile.ZIP_DEFLATED))
        answer = self.good(path)
        self.assertEqual(answer["ciphertexts"]["intact"] + answer["ciphertexts"]["destroyed"], 0)
        self.assertIn("not in the manifest", answer["notes"][0])
        _, out, _ = run(path, "--vkey", KEY.vkey)
        self.assertIn("ciphertexts  not published", out)
        self.assertNotIn("\x1b", out)

    def test_the_key_of_the_log(self):
        code, _, err = run(self.bundle)
        self.assertEqual(code, 2)
        self.assertIn("from elsewhere than the log", err)
        code, out, err = run(self.bundle, "--trust-log-key")
        self.assertEqual(code, 0, out)
        self.assertIn("warning", err)
        self.assertEqual(run(self.bundle, "--vkey", OTHER_KEY.vkey)[0], 1)

    def test_what_cannot_be_read(self):
        key = ("--vkey", KEY.vkey)
        for arguments in (("/nowhere", *key), (), ("a", "b"), (self.held, *key),
                          (self.folder, *key), (self.bundle, "--vkey", "x"), ("proof", "x"),
                          (self.bundle, *key, "--held", "/nowhere")):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertTrue(err)

    def test_a_zip_file_that_readers_may_see_two_ways(self):
        files = bundle(self.events[:3])
        path = self.folder / "ambiguous.zip"
        whole = fixture.zip_of(files)
        path.write_bytes(whole)
        self.assertEqual(run(path, "--vkey", KEY.vkey)[0], 0)
        for data in (b"#!/bin/sh\n" + whole, fixture.zip_of(files, b"#!/bin/sh\n"), whole + whole,
                     fixture.zip_of({"x": b""}) + whole, whole + b"hello", whole[1:], whole[:-1],
                     whole[:-2] + b"\5\0hello", whole[:-2] + b"\5\0", b"hello", b""):
            path.write_bytes(data)
            code, out, err = run(path, "--vkey", KEY.vkey)
            self.assertEqual((code, out), (2, ""), data[:20])
            self.assertTrue(err)

    def test_a_proof(self):
        proof, record = self.folder / "proof", self.folder / "record"
        for position in (1, 256, 257, 600):
            event, entry = self.events[position - 1], fixture.entries_of(self.events)[position - 1]
            proof.write_bytes(fixture.proof_file(KEY, position, self.leaves))
            record.write_bytes(event.record)
            start = ("proof", proof, "--vkey", KEY.vkey)
            for more in (("--entry", entry.hex()), ("--entry", entry.hex(), "--record", record),
                         ("--record", record, "--recorded-at", event.recorded_at)):
                code, out, _ = run(*start, *more)
                self.assertEqual(code, 0, out)
                self.assertIn(f"position {position} of {KEY.name}", out)
            other = fixture.entries_of(self.events)[position - 2].hex()
            self.assertEqual(run(*start, "--entry", other)[0], 1)
            self.assertEqual(run(*start, "--record", record, "--recorded-at", 5)[0], 1)
            self.assertEqual(run(*start, "--record", record)[0], 2)
            record.write_bytes(event.record[:-1] + b"\1")
            self.assertEqual(run(*start, "--entry", entry.hex(), "--record", record)[0], 1)
            self.assertEqual(run("proof", proof, "--vkey", OTHER_KEY.vkey, "--entry",
                                 entry.hex())[0], 1)


class OverHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(mock.patch.dict(os.environ, {"no_proxy": "*"}))
        cls.enterClassContext(mock.patch.object(log_source, "FIRST_PAUSE_SECONDS", 0.001))
        cls.events = fixture.make_events(random.Random(2), 600)
        leaves = fixture.leaf_hashes(fixture.entries_of(cls.events))
        cls.held = fixture.checkpoint(KEY, leaves[:300])
        hashes = [base64.b64encode(item).decode() for item in fixture.consistency(300, leaves)]
        cls.question = "consistency?from=300&to=600"
        cls.files = {**fixture.publish(KEY, cls.events), "log": fixture.log_file(KEY), cls.question:
                     json.dumps({"from": 300, "to": 600, "hashes": hashes}).encode()}

    def setUp(self):
        self.server = fixture.Server(dict(self.files))
        self.addCleanup(self.server.close)

    def check(self):
        return check(log_source.open_source(self.server.prefix), self.held)

    def test_a_sound_log(self):
        result = self.check()
        self.assertEqual((result.fault, result.events, result.notes), (None, 600, []))
        self.assertTrue(result.held_found)
        self.assertGreater(result.destroyed, 0)
        self.assertEqual(run(self.server.prefix + "/", "--trust-log-key")[0], 0)

    def test_without_what_is_optional(self):
        self.server.files = {path: data for path, data in self.files.items()
                             if not path.startswith(("ciphertexts", "consistency", "log"))}
        result = self.check()
        self.assertIsNone(result.fault)
        self.assertEqual(len(result.notes), 2)

    def test_transient_failures_are_tried_again(self):
        cut_off = {"Content-Length": "10000"}
        self.server.answers = [(503, {"Retry-After": "0"}, b""), (429, {}, b""),
                               (200, cut_off, b"x"), (500, {}, b"")]
        self.assertIsNone(self.check().fault)
        packed = gzip.compress(self.files["checkpoint"])
        self.server.answers = [(200, {"Content-Encoding": "gzip"}, packed)]
        self.assertIsNone(self.check().fault)

    def test_an_unreadable_source(self):
        bomb = gzip.compress(bytes(10**6))
        for answers in ([(503, {}, b"")] * 9, [(403, {}, b"")], [(404, {}, b"")],
                        [(200, {}, bytes(10**6))], [(200, {"Content-Encoding": "gzip"}, bomb)],
                        [(200, {"Content-Encoding": "gzip"}, bomb[:50])]):
            self.server.answers = answers
            code, out, err = run(self.server.prefix, "--vkey", KEY.vkey)
            self.assertEqual((code, out), (2, ""), err)

    def test_mutations(self):
        for path, position in (("log", None), ("checkpoint", None), (self.question, None),
                               ("tile/entries/001", 257), ("records/002.p/88", 513),
                               ("tile/0/002.p/88", 513), ("tile/1/000.p/2", 1)):
            data = self.files[path]
            middle = len(data) // 2
            for bad in (b"", b"\xff" + data[1:], data[:middle], data + b"\xff", data + data,
                        data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]):
                self.server.files = {**self.files, path: bad}
                fault = self.check().fault
                self.assertIsNotNone(fault, (path, bad[:8], len(bad)))
                if bad[:1] != data[:1]:
                    self.assertEqual(fault.position, position, path)
            if position is not None:
                del self.server.files[path]
                self.assertEqual(self.check().fault.position, position, path)


class Mutations(unittest.TestCase):
    def test_a_log_that_signs_what_it_must_not(self):
        """All hashes and signatures fit: only the rules for events tell."""
        events = fixture.make_events(random.Random(4), 300)
        old, bad_data = events[198].recorded_at - 1, SMALLEST.replace(b"{}", b"[]")
        at = events[199].recorded_at
        for event in (Event(old, SMALLEST, []), Event(at, bad_data, []),
                      Event(at, SMALLEST + b"\0", []), Event(at, b"\2" + SMALLEST[1:], [])):
            fault = check(bundle([*events[:199], event, *events[200:]])).fault
            self.assertEqual(fault and fault.position, 200)
        entries = fixture.entries_of(events)
        for at, entry in ((0, entries[1]), (299, entries[298]), (256, bytes(48)), (5, b"")):
            forged = [*entries[:at], entry, *entries[at + 1:]]
            files = fixture.lay_out(fixture.pieces_of(events, forged))
            files["checkpoint"] = fixture.checkpoint(KEY, fixture.leaf_hashes(forged))
            fault = check(fixture.with_manifest(files, KEY, 300)).fault
            self.assertEqual(fault and fault.position, at + 1)

    def test_the_manifest(self):
        files = bundle(fixture.make_events(random.Random(5), 3))
        manifest = json.loads(files["manifest.json"])
        outside = {**manifest["files"], "../x": "0" * 64}
        for change in ({"size": 2}, {"size": "3"}, {"size": 3.0}, {"origin": "x"}, {"vkey": "x"},
                       {"format": "factum-bundle-2"}, {"files": {}}, {"files": outside}):
            files["manifest.json"] = json.dumps({**manifest, **change}).encode()
            fault = check(files).fault
            self.assertIsNotNone(fault, change)
        self.assertIn("outside the bundle", fault.message)
        log = log_mutations.Log(KEY, OTHER_KEY, fixture.make_events(random.Random(7), 300))
        self.agree(log_mutations.manifests(log))

    def agree(self, cases):
        for expected, case in cases:
            fault = check(case.files, case.held).fault
            self.assertEqual(fault is None, expected == "good", f"{case.kind}: {fault}")
            first, last = case.where
            position = (fault and fault.position) or 0
            self.assertTrue(first <= position <= last, f"{case.kind}: {position}")

    def test_keys_that_were_handed_over(self):
        events = fixture.make_events(random.Random(6), 20)
        self.agree(log_mutations.handovers(KEY, OTHER_KEY, events))

    def test_ciphertexts_that_are_absent(self):
        self.agree(log_mutations.erasures(KEY))
        for size in (2, 3, 40):
            log = log_mutations.Log(KEY, OTHER_KEY, fixture.make_events(random.Random(9), size))
            self.agree([("good", log_mutations.sound(log, random.Random(at))) for at in range(15)])
        result = check(bundle([fixture.gone(b"1" * 16, b"2" * 16), fixture.gone(b"1" * 16)]))
        self.assertEqual(str(result.fault), "a ciphertext is absent and no erasure covers it")
        self.assertEqual((result.fault.position, result.events, result.destroyed), (1, 2, 3))
        self.assertEqual(result.destroyed_positions.tolist(), [1, 2])

    def test_every_mutation_is_refused(self):
        rng = random.Random(int(os.environ.get("FACTUM_TEST_SEED", "1")))
        log = log_mutations.Log(KEY, OTHER_KEY, fixture.make_events(rng, 280))
        self.assertIsNone(check(log.bundle).fault)
        named = 0
        for number in range(MUTATIONS):
            mutation = log_mutations.mutation(log, rng)
            fault = check(mutation.files, mutation.held).fault
            self.assertIsNotNone(fault, f"mutation {number}: {mutation.kind}")
            first, last = mutation.where
            self.assertTrue(first <= (fault.position or 0) <= last, f"mutation {number}: "
                            f"{mutation.kind}: {fault.position}: {fault.message}, {first}-{last}")
            named += fault.position is not None
        print(f"{MUTATIONS} mutations refused, {named} with a position", file=sys.stderr)

    def test_mutations_on_disk(self):
        """The whole program on a folder and on a ZIP file."""
        rng = random.Random(3)
        log = log_mutations.Log(KEY, OTHER_KEY, fixture.make_events(rng, 300))
        for _ in range(20):
            mutation = log_mutations.mutation(log, rng)
            with tempfile.TemporaryDirectory() as name:
                folder, packed, held = (Path(name) / part for part in ("log", "zip", "held"))
                fixture.write(folder, mutation.files)
                packed.write_bytes(fixture.zip_of(mutation.files))
                more = ()
                if mutation.held is not None:
                    held.write_bytes(mutation.held)
                    more = ("--held", held)
                for source in (folder, packed):
                    code, out, _ = run(source, "--vkey", KEY.vkey, *more)
                    self.assertEqual(code, 1, mutation.kind)
                    self.assertIn("\nWRONG: ", out)


if __name__ == "__main__":
    unittest.main()
