// What auditors get over the API: everything that follows from a signed root, and nothing beyond.
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/signed_note.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/api/running_app.hpp"

#include <doctest/doctest.h>

using namespace factum;
using namespace factum::test;

namespace {

std::string text_of(RunningApp& app, const std::string& path) {
  const auto response = app.call("GET", "/v1/audit/" + path);
  CHECK_MESSAGE(response.status == 200, path);
  return response.body;
}

Checkpoint checkpoint_of(const std::string& note) {
  const auto parsed = SignedNote::parse(note);
  REQUIRE(parsed);
  const auto checkpoint = Checkpoint::parse(parsed->text);
  REQUIRE(checkpoint);
  return *checkpoint;
}

// Writes and starts again, so that everything is signed.
void grow(RunningApp& app, int customers) {
  for (int i = 0; i < customers; ++i)
    app.create("/v1/customers",
               R"({"kind":"organisation","name":"Firm )" + std::to_string(i) + "\"}");
  app.restart();
}

}  // namespace

TEST_CASE("entries, records and tiles lead to the signed root") {
  RunningApp app;
  grow(app, 300);
  const std::string note = text_of(app, "checkpoint");
  const Checkpoint tree = checkpoint_of(note);
  CHECK(tree.size == 300);
  const auto key = VerifierKey::parse(member(text_of(app, "log"), "vkey"));
  REQUIRE(key);
  CHECK(SignedNote::parse(note)->is_signed_by(*key));
  CHECK(tree.origin == "log.factum.internal/" + member(text_of(app, "log"), "log_id"));
  std::vector<Digest> leaves;
  for (const std::string place : {"000", "001.p/44"}) {
    const std::string entries = text_of(app, "tile/entries/" + place);
    const std::string records = text_of(app, "records/" + place);
    const std::string hashes = text_of(app, "tile/0/" + place);
    ByteReader entry_reader(entries);
    ByteReader record_reader(records);
    std::string expected;
    for (std::size_t i = 0; i < hashes.size() / sizeof(Digest); ++i) {
      const std::string_view entry = entry_reader.text16();
      REQUIRE(entry.size() == kTreeEntryBytes);
      CHECK(ByteReader(entry).u64() == leaves.size() + 1);
      CHECK(view(sha256(record_reader.text32())) == entry.substr(16));
      leaves.push_back(leaf_hash(entry));
      expected += view(leaves.back());
    }
    CHECK(expected == hashes);
    CHECK(entry_reader.rest().empty());
    CHECK(record_reader.rest().empty());
  }
  CHECK(leaves.size() == 300);
  CHECK(merkle_root(leaves) == tree.root);
  CHECK(text_of(app, "tile/1/000.p/1").size() == sizeof(Digest));
}

TEST_CASE("a proof shows one event to be in the signed tree") {
  RunningApp app;
  grow(app, 5);
  const std::string entries = text_of(app, "tile/entries/000.p/5");
  for (std::uint64_t position = 1; position <= 5; ++position) {
    const std::string text = text_of(app, "proof/" + std::to_string(position));
    const std::string head = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(position - 1) + "\n";
    REQUIRE(text.starts_with(head));
    const std::size_t split = text.find("\n\n");
    const Checkpoint tree = checkpoint_of(text.substr(split + 2));
    std::vector<Digest> proof;
    for (std::size_t at = head.size(); at < split; at = text.find('\n', at) + 1)
      proof.push_back(to_digest(from_base64(text.substr(at, text.find('\n', at) - at)).value()));
    const std::string_view entry =
        std::string_view(entries).substr((position - 1) * (2 + kTreeEntryBytes) + 2, 48);
    CHECK(verify_inclusion(leaf_hash(entry), position - 1, tree.size, proof, tree.root));
  }
}

TEST_CASE("a later checkpoint contains an earlier one, with the same key") {
  RunningApp app;
  grow(app, 3);
  const std::string key = member(text_of(app, "log"), "vkey");
  const Checkpoint before = checkpoint_of(text_of(app, "checkpoint"));
  grow(app, 4);
  const Checkpoint after = checkpoint_of(text_of(app, "checkpoint"));
  CHECK(member(text_of(app, "log"), "vkey") == key);
  CHECK(after.size == 7);
  const std::string answer = text_of(app, "consistency?from=3&to=7");
  std::vector<Digest> proof;
  for (std::size_t at = answer.find("[\"") + 2; at < answer.find(']'); at += 47)
    proof.push_back(to_digest(from_base64(answer.substr(at, 44)).value()));
  CHECK(verify_consistency(before.size, after.size, before.root, after.root, proof));
}

TEST_CASE("ciphertexts are those that records name") {
  RunningApp app;
  app.create("/v1/customers", R"({"kind":"person","name":"王芳"})");
  app.restart();
  const std::string bytes = text_of(app, "ciphertexts/000.p/1");
  ByteReader reader(bytes);
  CHECK(reader.u8() == 1);
  const std::string_view ciphertext = reader.text32();
  CHECK(reader.rest().empty());
  CHECK(text_of(app, "records/000.p/1").find(view(sha256(ciphertext))) != std::string::npos);
  CHECK(bytes.find("王芳") == std::string::npos);
}

TEST_CASE("what no checkpoint reaches, and what is no path, is not there") {
  RunningApp app;
  grow(app, 3);
  for (const std::string path : {"tile/0/000",
                                 "tile/0/000.p/4",
                                 "tile/0/001.p/1",
                                 "tile/1/000.p/1",
                                 "tile/9/000.p/1",
                                 "tile/256/000.p/1",
                                 "tile/x/000",
                                 "tile/0/0",
                                 "tile/0/x000/000",
                                 "tile/entries/000.p/4",
                                 "tile/entries/",
                                 "records/000",
                                 "records/999",
                                 "proof/0",
                                 "proof/4",
                                 "proof/01",
                                 "proof/x",
                                 "consistency?from=1&to=4",
                                 "consistency?from=3&to=2",
                                 "tile/0/000.p/3/"}) {
    CAPTURE(path);
    const auto response = app.call("GET", "/v1/audit/" + path);
    CHECK(response.status == 404);
    CHECK(member(response.body, "type") == "/problems/not_found");
  }
  CHECK(app.call("GET", "/v1/audit/consistency?from=0&to=2").status == 400);
  CHECK(app.call("GET", "/v1/audit/checkpoint?x=1").status == 400);
}
