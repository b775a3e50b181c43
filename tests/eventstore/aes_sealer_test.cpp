#include "eventstore/aes_sealer.hpp"

#include "eventstore/hash.hpp"
#include "tests/support/golden_file.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

using namespace factum;
using namespace factum::test;

namespace {

struct SealerFixture {
  TempDir directory;
  ManualClock clock;

  KeystoreOptions options(std::uint64_t log = 1) {
    KeystoreOptions options;
    options.directory = directory / "keys";
    options.data_directory = directory / "data";
    options.seal_id = test_id(log);
    options.clock = &clock;
    return options;
  }
  std::unique_ptr<Sealer> open() {
    auto sealer = open_aes_sealer(options());
    REQUIRE(sealer);
    return std::move(*sealer);
  }
};

SealContext context_of() {
  SealContext context;
  context.event_id = test_id(100);
  context.type = "CustomerCreated";
  context.slot = "customer.personal";
  return context;
}

}  // namespace

TEST_CASE("what was sealed opens again, also after the keystore was closed and opened") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const auto subject = sealer->new_subject();
  REQUIRE(subject);
  const auto sealed = sealer->seal(context_of(), *subject, "Ada Lovelace");
  REQUIRE(sealed);
  CHECK(sealed->header.name == "customer.personal");
  CHECK(sealed->header.ciphertext_hash == sha256(sealed->ciphertext));
  CHECK(sealed->ciphertext.find("Ada") == std::string::npos);
  CHECK(sealer->open(context_of(), sealed->header, sealed->ciphertext) == "Ada Lovelace");
  sealer.reset();
  sealer = fixture.open();
  CHECK(sealer->open(context_of(), sealed->header, sealed->ciphertext) == "Ada Lovelace");
}

TEST_CASE("a ciphertext opens only with its log, event, type, schema, slot, class and key") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const Uuid subject = sealer->new_subject().value();
  const SealedSlot sealed = sealer->seal(context_of(), subject, "secret").value();
  const auto open_with = [&](auto change) {
    SealContext context = context_of();
    SlotHeader header = sealed.header;
    std::string ciphertext = sealed.ciphertext;
    change(context, header, ciphertext);
    return outcome_of(sealer->open(context, header, ciphertext));
  };
  using C = SealContext&;
  using H = SlotHeader&;
  using S = std::string&;
  CHECK(open_with([](C, H, S) {}) == "ok");
  CHECK(open_with([](C c, H, S) { c.event_id = test_id(101); }) == "corrupt");
  CHECK(open_with([](C c, H, S) { c.type = "CustomerCreate"; }) == "corrupt");
  CHECK(open_with([](C c, H, S) { c.schema = 2; }) == "corrupt");
  CHECK(open_with([](C c, H, S) { c.slot = "customer.sensitive"; }) == "corrupt");
  CHECK(open_with([](C c, H, S) { c.data_class = DataClass::quasi; }) == "corrupt");
  CHECK(open_with([](C, H h, S) { h.generation = 2; }) == "corrupt");
  const SealedSlot other = sealer->seal(context_of(), sealer->new_subject().value(), "x").value();
  CHECK(open_with([&](C, H h, S) { h.key_id = other.header.key_id; }) == "corrupt");
  CHECK(open_with([&](C, H h, S) { h.key_id = test_id(9); }) == "erased");
  CHECK(open_with([](C, H, S s) { s.resize(10); }) == "corrupt");
  CHECK(open_with([](C, H, S s) { s[0] = 2; }) == "unsupported_format");
  for (std::size_t i = 1; i < sealed.ciphertext.size(); ++i)
    CHECK(open_with([&](C, H, S s) { s[i] = static_cast<char>(s[i] ^ 1); }) == "corrupt");
}

TEST_CASE("a keystore copied to another log opens nothing: its tree names its log") {
  SealerFixture fixture;
  fixture.open().reset();
  const auto other = open_aes_sealer(fixture.options(2));
  CHECK(outcome_of(other) == "unavailable");
  CHECK(other.error().message.find("belongs to another log") != std::string::npos);
}

TEST_CASE("sealed lengths come in steps of 64 bytes, and every length opens") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const Uuid subject = sealer->new_subject().value();
  for (const std::size_t length : {0U, 1U, 59U, 60U, 61U, 64U, 124U, 125U, 4096U}) {
    const std::string plaintext(length, 'x');
    const SealedSlot sealed = sealer->seal(context_of(), subject, plaintext).value();
    CHECK(sealed.header.padded_bytes == (length + 4 + 63) / 64 * 64);
    CHECK(sealed.ciphertext.size() == sealed.header.padded_bytes + 1 + 12 + 16 + 16);
    CHECK(sealer->open(context_of(), sealed.header, sealed.ciphertext) == plaintext);
  }
  CHECK(outcome_of(sealer->seal(context_of(), subject, std::string((1 << 20) + 1, 'x'))) ==
        "limit_exceeded");
}

TEST_CASE("of 20,000 nonces no two are equal") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const Uuid subject = sealer->new_subject().value();
  std::set<std::string> nonces;
  for (int i = 0; i < 20'000; ++i)
    nonces.insert(sealer->seal(context_of(), subject, "").value().ciphertext.substr(1, 12));
  CHECK(nonces.size() == 20'000);
}

TEST_CASE("each class of a subject has its own key, and the same class always the same one") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const Uuid subject = test_id(5);
  SealContext sensitive = context_of();
  sensitive.data_class = DataClass::sensitive;
  REQUIRE(sealer->ensure_keys({subject, subject}, DataClass::personal));
  const Uuid first = sealer->seal(context_of(), subject, "a").value().header.key_id;
  CHECK(sealer->seal(context_of(), subject, "b").value().header.key_id == first);
  CHECK(sealer->seal(sensitive, subject, "c").value().header.key_id != first);
}

TEST_CASE("digests depend on purpose, value and keystore, and outlive a restart") {
  SealerFixture fixture;
  SealerFixture elsewhere;
  auto sealer = fixture.open();
  const Digest digest = sealer->digest("customer.email", "ada@example.org");
  CHECK(sealer->digest("customer.email", "ada@example.org") == digest);
  CHECK(sealer->digest("customer.phone", "ada@example.org") != digest);
  CHECK(sealer->digest("customer.email", "eda@example.org") != digest);
  CHECK(elsewhere.open()->digest("customer.email", "ada@example.org") != digest);
  sealer.reset();
  CHECK(fixture.open()->digest("customer.email", "ada@example.org") == digest);
}

TEST_CASE("many threads seal, open and make subjects at once") {
  SealerFixture fixture;
  auto sealer = fixture.open();
  const std::vector<Uuid> shared{test_id(1), test_id(2), test_id(3)};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 200; ++i) {
        const Uuid fresh = sealer->new_subject().value();
        if (!sealer->ensure_keys(shared, DataClass::sensitive)) ++wrong;
        for (const Uuid& subject : {fresh, shared[i % 3]}) {
          const auto sealed = sealer->seal(context_of(), subject, "x");
          if (!sealed || !sealer->open(context_of(), sealed->header, sealed->ciphertext)) ++wrong;
        }
        static_cast<void>(sealer->digest("purpose" + std::to_string(i % 5), "v"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}
