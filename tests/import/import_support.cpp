#include "tests/import/import_support.hpp"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <utility>

namespace factum::importing::test {

std::string TempFolder::write(const std::string& name, std::string_view bytes) const {
  const std::string file = folder_ / name;
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  return file;
}

std::string gzip(std::string_view plain) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(plain.size() + 1024, '\0');
  std::string input(plain);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view plain) {
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  const std::size_t size =
      ZSTD_compress2(context, packed.data(), packed.size(), plain.data(), plain.size());
  ZSTD_freeCCtx(context);
  REQUIRE_FALSE(ZSTD_isError(size));
  packed.resize(size);
  return packed;
}

Result<std::string> read_all(ByteSource& source, std::size_t piece) {
  std::string all;
  std::string buffer(piece, '\0');
  while (true) {
    FACTUM_TRY(const std::size_t count, source.read(buffer.data(), buffer.size()));
    if (count == 0) return all;
    all.append(buffer.data(), count);
  }
}

Result<std::string> decode_all(std::string bytes, Encoding encoding) {
  FACTUM_TRY(auto decoder, make_text_decoder(memory_byte_source(std::move(bytes)), encoding));
  std::string all;
  while (true) {
    FACTUM_TRY(const std::string_view piece, decoder->next());
    if (piece.empty()) return all;
    all.append(piece);
  }
}

std::string show_rows(std::string bytes, CsvDialect dialect, CsvLimits limits) {
  auto decoder = make_text_decoder(memory_byte_source(std::move(bytes)), Encoding::automatic);
  if (!decoder) return "error: " + decoder.error().message;
  CsvReader reader(std::move(*decoder), std::move(dialect), limits);
  if (auto opened = reader.open(); !opened) return "error: " + opened.error().message;
  std::string shown;
  CsvRow row;
  while (true) {
    const auto read = reader.next(row);
    if (!read) return shown + "error: " + read.error().message;
    if (*read == CsvRead::end) return shown;
    shown += std::to_string(row.line) + (*read == CsvRead::ragged ? "!" : ":");
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      shown += (i == 0 ? "" : "|") + std::string(row.fields[i]);
    }
    shown += "\n";
  }
}

}  // namespace factum::importing::test
