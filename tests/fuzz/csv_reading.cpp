// Any bytes are rows or a clear error, and the same rows however the bytes come.
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

std::string rows_of(std::string_view bytes, std::size_t piece, Encoding encoding,
                    const CsvDialect& dialect) {
  auto decoder = make_text_decoder(std::make_unique<Pieces>(bytes, piece), encoding);
  if (!decoder) return decoder.error().message;
  CsvReader reader(std::move(*decoder), dialect, {1000, 4000, 50});
  if (const auto opened = reader.open(); !opened) return opened.error().message;
  std::string shown;
  CsvRow row;
  while (true) {
    const auto read = reader.next(row);
    if (!read) return shown + read.error().message;
    if (*read == CsvRead::end) return shown;
    fuzz::promise((*read == CsvRead::row) == (row.fields.size() == reader.columns().size()));
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
  fuzz::promise(rows_of(input.rest(), piece, encoding, dialect) ==
                rows_of(input.rest(), SIZE_MAX, encoding, dialect));
  return 0;
}
