// Rows of views: what is written is read back, and no bytes whatever can do harm.
#include "core/es/row_codec.hpp"

#include "tests/support/sample_visitor.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum {
namespace {

using test::sample;
using test::Samples;

enum class Mood : std::uint8_t { calm, cross, gone };

struct Part {
  std::int64_t number = 0;
  std::optional<std::string> label;
  SealedField<std::string> remark;
  static void describe(FieldVisitor& v, Part& p) {
    v.shown("number", p.number, "Number");
    v.shown("label", p.label, "Label");
    v.shown("remark", p.remark, "Remark");
  }
};

}  // namespace

template <>
struct Symbols<Mood> {
  static constexpr auto kNames = std::to_array<std::string_view>({"calm", "cross", "gone"});
};

namespace {

struct Row {
  std::string text;
  std::int32_t small = 0;
  std::uint64_t wide = 0;
  bool flag = false;
  Uuid id;
  Timestamp at;
  Date day;
  Money amount;
  Mood mood = {};
  Position position;
  std::optional<Money> maybe;
  std::vector<Part> parts;
  std::vector<std::vector<std::string>> nested;
  std::map<std::string, std::int64_t> counts;
  SealedField<std::string> name;
  SealedField<std::string> title;

  static void describe(FieldVisitor& v, Row& r) {
    v.shown("text", r.text, "Text");
    v.shown("small", r.small, "32 bits");
    v.shown("wide", r.wide, "64 bits");
    v.shown("flag", r.flag, "Flag");
    v.shown("id", r.id, "Id");
    v.shown("at", r.at, "Time");
    v.shown("day", r.day, "Day");
    v.shown("amount", r.amount, "Money");
    v.shown("mood", r.mood, "Mood");
    v.shown("position", r.position, "Position");
    v.shown("maybe", r.maybe, "Optional money");
    v.shown("parts", r.parts, "Parts");
    v.shown("nested", r.nested, "Lists of lists");
    v.shown("counts", r.counts, "Counts");
    v.shown("name", r.name, "Name");
    v.shown("title", r.title, "Title");
  }
};

}  // namespace

TEST_CASE("rows come back as they were") {
  for (std::uint64_t seed = 0; seed <= 500; ++seed) {
    CAPTURE(seed);
    const Row row = seed == 0 ? sample<Row>(Samples::full) : sample<Row>(Samples::random, seed);
    const std::string bytes = encode_row(row);
    const auto read = decode_row<Row>(bytes);
    REQUIRE(read);
    CHECK(encode_row(*read) == bytes);
    CHECK(read->text == row.text);
    CHECK(read->small == row.small);
    CHECK(read->at == row.at);
    CHECK(read->maybe == row.maybe);
    CHECK(read->counts == row.counts);
    CHECK(read->nested == row.nested);
    CHECK(read->name.has_value() == row.name.has_value());
  }
}

TEST_CASE("an empty row comes back too") {
  const std::string bytes = encode_row(Row{});
  const auto read = decode_row<Row>(bytes);
  REQUIRE(read);
  CHECK(encode_row(*read) == bytes);
}

TEST_CASE("a slot that several fields of a row refer to is kept once") {
  SlotCopy slot;
  slot.type = "CustomerRegistered";
  slot.header.name = "customer.personal";
  slot.ciphertext = std::string(1000, 'x');
  const auto shared = std::make_shared<SlotCopy>(slot);
  Row row;
  row.name.slot = shared;
  row.name.field = "name";
  row.title = row.name;
  row.title.field = "title";
  const std::string bytes = encode_row(row);
  CHECK(bytes.size() < 1500);
  const auto read = decode_row<Row>(bytes);
  REQUIRE(read);
  CHECK(read->name.slot == read->title.slot);
  CHECK(read->name.slot->ciphertext == slot.ciphertext);
  CHECK(read->title.field == "title");
  CHECK(read->title.state == SealState::closed);
}

TEST_CASE("a row that was cut off or goes on is corrupt") {
  const std::string bytes = encode_row(sample<Row>(Samples::full));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = decode_row<Row>(bytes.substr(0, size));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::corrupt);
  }
  CHECK(decode_row<Row>(bytes + '\0').error().code == ErrorCode::corrupt);
}

TEST_CASE("damaged rows never do more than fail") {
  const std::string bytes = encode_row(sample<Row>(Samples::full));
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    for (unsigned letter : {0U, 1U, 0x7FU, 0x80U, 0xFFU}) {
      std::string damaged = bytes;
      damaged[place] = static_cast<char>(letter);
      ignore_error(decode_row<Row>(damaged), "any answer will do");
    }
  }
  std::mt19937_64 random(7);
  for (int round = 0; round < 5000; ++round) {
    std::string noise(random() % 200, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    ignore_error(decode_row<Row>(noise), "any answer will do");
  }
}

TEST_CASE("a count beyond the bytes that follow allocates nothing") {
  struct OnlyList {
    std::vector<std::string> list;
    static void describe(FieldVisitor& v, OnlyList& o) { v.shown("list", o.list, "List"); }
  };
  const auto read = decode_row<OnlyList>("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::corrupt);
}

}  // namespace factum
