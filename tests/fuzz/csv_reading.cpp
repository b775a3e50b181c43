// Any bytes are rows or a clear error, and the same however they come. Of two errors in one piece
// the decoder's comes before the reader's.
#include "api/import/csv_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

using namespace factum;
using namespace factum::importing;

namespace {

// Gives its bytes in pieces of one size.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string_view bytes, std::size_t piece) : left_(bytes), piece_(piece) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::min({piece_, capacity, left_.size()});
    std::copy_n(left_.begin(), count, out);
    left_.remove_prefix(count);
    return count;
  }
  std::uint64_t bytes_consumed() const override { return 0; }

 private:
  std::string_view left_;
  std::size_t piece_;
};

Result<std::string> rows_of(std::string_view bytes, std::size_t piece, Encoding encoding,
                            const CsvDialect& dialect) {
  auto decoder = make_text_decoder(std::make_unique<Pieces>(bytes, piece), encoding);
  if (!decoder) return fail(std::move(decoder).error());
  CsvReader reader(std::move(*decoder), dialect, {1000, 4000, 50});
  FACTUM_CHECK(reader.open());
  std::string shown;
  CsvRow row;
  while (true) {
    FACTUM_TRY(const CsvRead read, reader.next(row));
    if (read == CsvRead::end) return shown;
    fuzz::promise((read == CsvRead::row) == (row.fields.size() == reader.columns().size()));
    shown += std::to_string(row.line);
    for (const std::string_view field : row.fields) {
      shown += '\x1F';
      shown += field;
    }
    shown += '\x1E';
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  CsvDialect dialect;
  dialect.delimiter = ",;\t|"[input.byte() % 4];
  const std::size_t flags = input.byte();
  dialect.quoted = (flags & 1) == 0;
  dialect.header = (flags & 2) == 0;
  if (!dialect.header) dialect.columns = {"a", "b", "c"};
  dialect.last_line_break = (flags & 4) != 0;
  const auto encoding = static_cast<Encoding>(input.byte() % 3);
  const std::size_t piece = input.byte() % 16 + 1;
  const auto in_pieces = rows_of(input.rest(), piece, encoding, dialect);
  const auto as_a_whole = rows_of(input.rest(), SIZE_MAX, encoding, dialect);
  fuzz::promise(in_pieces.has_value() == as_a_whole.has_value());
  fuzz::promise(!in_pieces || *in_pieces == *as_a_whole);
  return 0;
}
