// Signing keys that hand over to the next one: what auditors follow, and what a crash leaves.
#include "eventstore/key_handover.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/log_signer.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace factum;
using namespace factum::test;

namespace {

const std::string kRoot(64, 'a');

// A tree of which every hash is made up: what is signed is not the matter here.
Result<std::vector<Digest>> read_rows(std::uint8_t row, std::uint64_t first, std::size_t count) {
  std::vector<Digest> hashes;
  for (std::uint64_t i = first; i < first + count; ++i)
    hashes.push_back(sha256(std::to_string(row) + "/" + std::to_string(i)));
  return hashes;
}

struct Keys {
  TempDir folder;
  LogSignerOptions options{folder / "keys", kRoot, test_id(7)};

  Keys() { REQUIRE(make_private_folder(options.keys_directory)); }
  std::string path(const char* name) const { return options.keys_directory + "/" + name; }
  std::unique_ptr<LogSigner> open() const {
    auto signer = LogSigner::open(options);
    REQUIRE_MESSAGE(signer, (signer ? "" : signer.error().message));
    return std::move(*signer);
  }
  std::string bytes(const char* name) const {
    const auto read = read_private_file(path(name));
    REQUIRE(read);
    return read->value_or("");
  }
};

}  // namespace

TEST_CASE("a signing key names the next, and auditors follow from the one they know") {
  Keys keys;
  const VerifierKey first = keys.open()->verifier();
  const auto note = keys.open()->sign(&read_rows, 10);
  REQUIRE(note);
  const auto second = LogSigner::rotate(keys.options);
  REQUIRE(second);
  const auto third = LogSigner::rotate(keys.options);
  REQUIRE(third);
  const auto signer = keys.open();
  CHECK(signer->verifier() == *third);
  CHECK(signer->verifier().name == first.name);
  const auto chain = KeyChain::parse(keys.bytes("handovers"));
  REQUIRE(chain);
  CHECK(chain->keys == std::vector<VerifierKey>{first, *second, *third});
  CHECK(chain->newest_from(first) == *third);
  CHECK(chain->newest_from(*second) == *third);
  const VerifierKey stranger = VerifierKey::of(first.name, std::string(32, 'x'));
  CHECK(chain->newest_from(stranger) == stranger);
  // The same tree is signed again by the new key; a smaller one never is.
  const auto again = signer->sign(&read_rows, 10);
  REQUIRE(again);
  CHECK(open_checkpoint(*again, *third));
  CHECK_FALSE(open_checkpoint(*again, first));
  CHECK_FALSE(keys.open()->sign(&read_rows, 9));
}

TEST_CASE("a hand-over that was broken off leaves one key or the other") {
  Keys keys;
  const VerifierKey first = keys.open()->verifier();
  const std::string old_seed = keys.bytes("signing.key");
  const auto second = LogSigner::rotate(keys.options);
  REQUIRE(second);
  const std::string new_seed = keys.bytes("signing.key");
  const std::string chain = keys.bytes("handovers");
  SUBCASE("before it was named, the next key is forgotten") {
    REQUIRE(write_private_file(keys.path("signing.key"), old_seed));
    REQUIRE(write_private_file(keys.path("signing.key.next"), new_seed));
    std::filesystem::remove(keys.path("handovers"));
    CHECK(keys.open()->verifier() == first);
    CHECK_FALSE(std::filesystem::exists(keys.path("signing.key.next")));
  }
  SUBCASE("once it was named, it takes its place") {
    REQUIRE(write_private_file(keys.path("signing.key"), old_seed));
    REQUIRE(write_private_file(keys.path("signing.key.next"), new_seed));
    CHECK(keys.open()->verifier() == *second);
    CHECK_FALSE(std::filesystem::exists(keys.path("signing.key.next")));
  }
  SUBCASE("a key from before that comes back is not taken") {
    REQUIRE(write_private_file(keys.path("signing.key"), old_seed));
    CHECK(LogSigner::open(keys.options).error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("a hand-over that nobody signed, or of another log, is none") {
  const NoteSigner one("log.a/1", SecretKey::random());
  const NoteSigner two("log.a/1", SecretKey::random());
  const NoteSigner other("log.a/2", SecretKey::random());
  const auto note = [](const NoteSigner& signer, const NoteSigner& from, const NoteSigner& to) {
    return signer.sign(KeyHandover{from.verifier(), to.verifier()}.text());
  };
  CHECK(KeyHandover::open(note(one, one, two)));
  CHECK_FALSE(KeyHandover::open(note(two, one, two)));
  CHECK_FALSE(KeyHandover::open(note(one, one, other)));
  CHECK_FALSE(KeyHandover::open(one.sign("factum-key-handover-1\n")));
  CHECK_FALSE(KeyHandover::open(one.sign(Checkpoint{"log.a/1", 1, {}}.text())));
  CHECK_FALSE(KeyHandover::open("nothing"));
  const KeyChain sound{{note(one, one, two), note(two, two, one)}, {}};
  CHECK(KeyChain::parse(sound.json()));
  const KeyChain broken{{note(one, one, two), note(one, one, two)}, {}};
  CHECK_FALSE(KeyChain::parse(broken.json()));
  CHECK_FALSE(KeyChain::parse("{}x"));
}
