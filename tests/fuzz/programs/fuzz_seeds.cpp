// Writes inputs from which fuzzing begins, made by the code under test itself:
//   fuzz_seeds DIRECTORY          one folder per target
#include "api/import/profile.hpp"
#include "core/crm/catalog.hpp"
#include "core/es/json_writer.hpp"
#include "eventstore/claim_format.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/signed_note.hpp"
#include "tests/support/random_commands.hpp"
#include "tests/support/sample_visitor.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace factum;
using namespace factum::test;

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder(const fs::path& root, const char* target) : path_(root / target) {
    fs::create_directories(path_);
  }
  void add(const std::string& bytes) {
    std::ofstream(path_ / std::to_string(count_++), std::ios::binary) << bytes;
  }

 private:
  fs::path path_;
  int count_ = 0;
};

void write_records(const fs::path& root) {
  Folder folder(root, "record_decoding");
  RandomCommands random(1, 40);
  for (int i = 0; i < 20; ++i) {
    for (const NewEvent& event : random.append(10).events) {
      std::string record;
      encode_record(event.record, record);
      folder.add(record);
      Digest hash{};
      folder.add(encode_stored(event.record, hash));
    }
  }
  folder.add(encode_claim({"customer:1", "payload", Position(7)}));
  folder.add(encode_outcome({{}, Position(1), Position(2), "answer"}));
}

void write_tree(const fs::path& root) {
  Folder paths(root, "tile_paths");
  for (const std::uint64_t index : {0ULL, 255ULL, 1000ULL, 1'234'067ULL, ~0ULL}) {
    paths.add(tile_path(index, kTileWidth));
    paths.add(tile_path(index, 112));
  }
  Folder proofs(root, "proof_checking");
  for (int i = 0; i < 20; ++i) proofs.add(std::string(view(sha256(std::to_string(i)))));
}

void write_notes(const fs::path& root) {
  Folder folder(root, "note_parsing");
  const NoteSigner signer("example.com/log", SecretKey());
  folder.add(signer.verifier().to_string());
  for (const std::uint64_t size : {0ULL, 1ULL, 70'000ULL}) {
    const std::string text = Checkpoint{"example.com/log", size, sha256("root")}.text();
    folder.add(text);
    folder.add(signer.sign(text));
  }
}

void write_texts(const fs::path& root) {
  Folder csv(root, "csv_reading");
  for (const char* rows : {"a,b\n1,2\n", "a,b\r\n\"x, \"\"y\"\"\",2\r\n\r\n", "1|2|3\n4|5\n",
                           "a;b\n\xEF\xBB\xBF;\"\n\"\n"})
    for (const char* head : {"\0\0\0\4", "\2\2\1\0", "\3\4\2\7"})
      csv.add(std::string(head, 4) + rows);
  Folder profiles(root, "profile_reading");
  for (const std::string& name : importing::builtin_profiles())
    profiles.add(std::string(*importing::builtin_profile(name)));
}

void write_commands(const fs::path& root) {
  Folder folder(root, "command_reading");
  const auto catalog = crm::command_catalog();
  for (std::size_t i = 0; i < catalog.size(); ++i) {
    for (const Samples samples : {Samples::valid, Samples::sparse}) {
      const auto command = catalog[i]->make();
      SampleVisitor filler(samples);
      command->describe(filler);
      JsonWriter writer(JsonStyle::answer);
      command->describe(writer);
      folder.add(static_cast<char>(i) + writer.take());
    }
  }
}

void write_requests(const fs::path& root) {
  Folder folder(root, "http_reading");
  for (const char* request :
       {"GET /v1/customers?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /v1/customers HTTP/1.1\r\nHost: a:1\r\nContent-Length: 2\r\n\r\n{}",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET http://a/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n"})
    for (const char* piece : {"\0", "\37"}) folder.add(std::string(piece, 1) + request);
}

void write_wal(const fs::path& root) {
  Folder folder(root, "wal_reading");
  folder.add(std::string(64, '\0'));
  // Checksum, length, type of a whole record of RocksDB with one byte of payload.
  folder.add(std::string("\x62\xe9\x5f\x77\x01\x00\x01\x41", 8));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIRECTORY\n");
    return 2;
  }
  const fs::path root = argv[1];
  write_records(root);
  write_tree(root);
  write_notes(root);
  write_texts(root);
  write_commands(root);
  write_requests(root);
  write_wal(root);
}
