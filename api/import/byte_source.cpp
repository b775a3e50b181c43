#include "api/import/byte_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>

namespace factum::importing {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10;
// 2^27 = 128 MiB of window, what `zstd --ultra` writes at most without --long.
constexpr int kZstdWindowLogMax = 27;
constexpr int kGzipOnlyWindowBits = 15 + 16;

class FileSource final : public ByteSource {
 public:
  FileSource(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
  ~FileSource() override { std::fclose(file_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::fread(out, 1, capacity, file_);
    if (count == 0 && std::ferror(file_) != 0) {
      return fail(ErrorCode::io_error,
                  path_ + ": cannot be read: " + std::generic_category().message(errno));
    }
    consumed_ += count;
    return count;
  }
  std::uint64_t bytes_consumed() const override { return consumed_; }

 private:
  std::FILE* file_;
  std::string path_;
  std::uint64_t consumed_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::min(capacity, bytes_.size() - at_);
    std::memcpy(out, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  std::uint64_t bytes_consumed() const override { return at_; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// The undecoded input of a decompressor: a window that is refilled when it is used up.
class Input {
 public:
  Input(std::unique_ptr<ByteSource> source, std::string first)
      : source_(std::move(source)), buffer_(std::move(first)) {}

  /// False at the end of the file.
  Result<bool> refill() {
    if (at_ < buffer_.size()) return true;
    buffer_.resize(kInputBytes);
    FACTUM_TRY(const std::size_t count, source_->read(buffer_.data(), buffer_.size()));
    buffer_.resize(count);
    at_ = 0;
    return count > 0;
  }
  char* data() { return buffer_.data() + at_; }
  std::size_t size() const { return buffer_.size() - at_; }
  void skip(std::size_t count) { at_ += count; }
  std::uint64_t bytes_consumed() const { return source_->bytes_consumed(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t at_ = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(Input input) : input_(std::move(input)) {}

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    FACTUM_TRY(const bool more, input_.refill());
    if (!more) return std::size_t{0};
    const std::size_t count = std::min(capacity, input_.size());
    std::memcpy(out, input_.data(), count);
    input_.skip(count);
    return count;
  }
  std::uint64_t bytes_consumed() const override { return input_.bytes_consumed(); }

 private:
  Input input_;
};

tl::unexpected<Error> ends_early(std::string_view format) {
  return fail(ErrorCode::corrupt, "the " + std::string(format) +
                                      " data ends in the middle: the file is cut off; "
                                      "fetch it again");
}
tl::unexpected<Error> damaged(std::string_view format) {
  return fail(ErrorCode::corrupt,
              "the " + std::string(format) + " data is damaged; fetch the file again");
}

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(Input input) : input_(std::move(input)) {
    ready_ = inflateInit2(&stream_, kGzipOnlyWindowBits) == Z_OK;
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    if (!ready_) return fail(ErrorCode::unavailable, "no memory to unpack gzip");
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, kInputBytes));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      FACTUM_TRY(const bool more, input_.refill());
      if (!more && inside_member_) return ends_early("gzip");
      if (!more) return std::size_t{0};
      FACTUM_CHECK(inflate_some());
    }
    return std::size_t{room - stream_.avail_out};
  }
  std::uint64_t bytes_consumed() const override { return input_.bytes_consumed(); }

 private:
  Status inflate_some() {
    if (!inside_member_) {
      inflateReset(&stream_);
      inside_member_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(input_.size());
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    input_.skip(input_.size() - stream_.avail_in);
    if (outcome == Z_STREAM_END) {
      inside_member_ = false;
      return {};
    }
    if (outcome != Z_OK && outcome != Z_BUF_ERROR) return damaged("gzip");
    return {};
  }

  Input input_;
  z_stream stream_{};
  bool ready_ = false;
  bool inside_member_ = true;
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(Input input) : input_(std::move(input)), stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) {
      ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;

  Result<std::size_t> read(char* out, std::size_t capacity) override {
    if (stream_ == nullptr) return fail(ErrorCode::unavailable, "no memory to unpack zstd");
    ZSTD_outBuffer unpacked{out, capacity, 0};
    while (unpacked.pos == 0) {
      FACTUM_TRY(const bool more, input_.refill());
      if (!more && inside_frame_) return ends_early("zstd");
      if (!more) return std::size_t{0};
      ZSTD_inBuffer packed{input_.data(), input_.size(), 0};
      const std::size_t outcome = ZSTD_decompressStream(stream_, &unpacked, &packed);
      if (ZSTD_isError(outcome) != 0) return damaged("zstd");
      input_.skip(packed.pos);
      inside_frame_ = outcome != 0;
    }
    return unpacked.pos;
  }
  std::uint64_t bytes_consumed() const override { return input_.bytes_consumed(); }

 private:
  Input input_;
  ZSTD_DStream* stream_;
  bool inside_frame_ = true;
};

bool starts_with(std::string_view bytes, std::initializer_list<unsigned char> magic) {
  if (bytes.size() < magic.size()) return false;
  return std::equal(magic.begin(), magic.end(), bytes.begin(), [](unsigned char want, char have) {
    return want == static_cast<unsigned char>(have);
  });
}

Result<std::unique_ptr<ByteSource>> detect(std::unique_ptr<ByteSource> raw) {
  std::string first(kInputBytes, '\0');
  FACTUM_TRY(const std::size_t count, raw->read(first.data(), first.size()));
  first.resize(count);
  const bool gzip = starts_with(first, {0x1f, 0x8b});
  const bool zstd = starts_with(first, {0x28, 0xb5, 0x2f, 0xfd});
  Input input(std::move(raw), std::move(first));
  if (gzip) return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(input)));
  if (zstd) return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(input)));
  return std::unique_ptr<ByteSource>(std::make_unique<PlainSource>(std::move(input)));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io_error;
    return fail(code, path + ": cannot be opened: " + std::generic_category().message(errno));
  }
  return detect(std::make_unique<FileSource>(file, path));
}

std::unique_ptr<ByteSource> memory_byte_source(std::string bytes) {
  auto source = detect(std::make_unique<MemorySource>(std::move(bytes)));
  return std::move(*source);
}

std::uint64_t file_bytes(const std::string& path) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  return ignored ? 0 : static_cast<std::uint64_t>(bytes);
}

}  // namespace factum::importing
