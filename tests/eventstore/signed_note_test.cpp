// Signed notes and checkpoints against the examples of their specifications.
#include "eventstore/signed_note.hpp"

#include "core/es/json_reader.hpp"
#include "eventstore/hash.hpp"
#include "tests/support/real_data.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <charconv>

using namespace factum;

namespace {

// Example of c2sp.org/signed-note.
const char* const kVkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const char* const kNote =
    "This is an example message.\n\n"
    "\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

struct SignatureCase {
  std::string msg;
  std::string sig;
  std::string result;

  static void describe(FieldVisitor& v, SignatureCase& c) {
    v.shown("msg", c.msg, "", at_most(10'000));
    v.shown("sig", c.sig, "", at_most(10'000));
    v.shown("result", c.result, "");
  }
};

struct PublicKey {
  std::string pk;
  static void describe(FieldVisitor& v, PublicKey& k) { v.shown("pk", k.pk, ""); }
};

struct Group {
  PublicKey key;
  std::vector<SignatureCase> tests;

  static void describe(FieldVisitor& v, Group& g) {
    v.shown("publicKey", g.key, "");
    v.shown("tests", g.tests, "", at_most(10'000));
  }
};

struct Wycheproof {
  std::vector<Group> groups;
  static void describe(FieldVisitor& v, Wycheproof& w) {
    v.shown("testGroups", w.groups, "", at_most(10'000));
  }
};

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the example of the specification is a note signed by its key") {
  const auto key = VerifierKey::parse(kVkey);
  REQUIRE(key);
  CHECK(key->name == "example.com/foo");
  CHECK(key->to_string() == kVkey);
  const auto note = SignedNote::parse(kNote);
  REQUIRE(note);
  CHECK(note->text == "This is an example message.\n");
  CHECK(note->is_signed_by(*key));
  std::string other(kNote);
  other[0] = 't';
  CHECK_FALSE(SignedNote::parse(other)->is_signed_by(*key));
}

TEST_CASE("what is signed is read back, and other keys do not have signed it") {
  const NoteSigner signer("log.example/a", SecretKey::random());
  const NoteSigner stranger("log.example/a", SecretKey::random());
  const std::string text = "one\n\ntwo\n";
  const auto note = SignedNote::parse(signer.sign(text));
  REQUIRE(note);
  CHECK(note->text == text);
  CHECK(note->is_signed_by(signer.verifier()));
  CHECK_FALSE(note->is_signed_by(stranger.verifier()));
  VerifierKey renamed = signer.verifier();
  renamed.name = "log.example/b";
  CHECK_FALSE(note->is_signed_by(renamed));
  CHECK(VerifierKey::parse(signer.verifier().to_string()) == signer.verifier());
}

TEST_CASE("a checkpoint says origin, size and root, and nothing that could be read otherwise") {
  const Checkpoint checkpoint{"example.com/behind-the-sofa", 20'852'163, sha256("x")};
  CHECK(Checkpoint::parse(checkpoint.text()) == checkpoint);
  CHECK(Checkpoint::parse("o\n0\n" + base64(view(sha256(""))) + "\nextension\n"));
  const std::string root = base64(view(sha256("x")));
  for (const std::string& wrong :
       {std::string(), std::string("o\n"), "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n",
        "o\n+1\n" + root + "\n", "\n1\n" + root + "\n", "o\n1\n" + root.substr(1) + "\n",
        "o\n99999999999999999999\n" + root + "\n", std::string("o\n1\nAAAA\n"), "o\n1\n" + root})
    CHECK_FALSE_MESSAGE(Checkpoint::parse(wrong), wrong);
}

TEST_CASE("malformed notes and keys are refused") {
  const std::string good(kNote);
  for (const std::string& wrong :
       {std::string(), good.substr(0, good.size() - 1), good.substr(0, good.find("\n\n") + 2),
        good + "more\n", good + "\n", std::string("text\n"),
        std::string("t\n\n\xE2\x80\x94 name AAAA\n"),
        std::string("t\n\n\xE2\x80\x94 na+me AAAAAAAA\n"),
        std::string("t\tt\n\n\xE2\x80\x94 n AAAAAAAA\n"),
        std::string("\xff\n\n\xE2\x80\x94 n AAAAAAAA\n")})
    CHECK_FALSE_MESSAGE(SignedNote::parse(wrong), wrong);
  const std::string key(kVkey);
  for (const std::string& wrong :
       {std::string(), key.substr(1), key + "A", std::string("a b+530d903a+AekyeRrm"),
        std::string("example.com/foo+530d903b") + key.substr(24)})
    CHECK_FALSE_MESSAGE(VerifierKey::parse(wrong), wrong);
}

TEST_CASE("base64 is strict") {
  for (const std::string bytes : {"", "a", "ab", "abc", "abcd"})
    CHECK(from_base64(base64(bytes)) == bytes);
  for (const char* wrong :
       {"A", "AA", "AAA", "AA=A", "AB==", "AAB=", "AA\n=", " AAA", "A===", "===="})
    CHECK_FALSE_MESSAGE(from_base64(wrong), wrong);
}

TEST_CASE("Ed25519 signatures are accepted and refused as Wycheproof says") {
  const auto path = test::real_data("vectors/wycheproof/ed25519_test.json");
  if (path.empty()) return;
  const auto suite = from_json<Wycheproof>(test::file_text(path), {.stored = true});
  REQUIRE(suite);
  std::size_t cases = 0;
  for (const Group& group : suite->groups) {
    for (const SignatureCase& test : group.tests) {
      CAPTURE(test.msg);
      CHECK(verify_ed25519(from_hex(group.key.pk), from_hex(test.msg), from_hex(test.sig)) ==
            (test.result == "valid"));
      ++cases;
    }
  }
  CHECK(cases > 100);
}
