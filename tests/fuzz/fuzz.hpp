// What the fuzz targets share: bytes as text, small choices taken from them, and promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace factum::fuzz {

/// Ends the process unless `holds`; libFuzzer then keeps the input.
inline void promise(bool holds) {
  if (!holds) std::abort();
}

/// An input that is read from front to back.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : left_(reinterpret_cast<const char*>(data), size) {}

  /// A number in [0, `bound`) from the next two bytes; 0 at the end.
  std::size_t below(std::size_t bound) { return (byte() * 256 + byte()) % bound; }
  std::size_t byte() {
    if (left_.empty()) return 0;
    const auto value = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return value;
  }
  std::string_view rest() const { return left_; }

 private:
  std::string_view left_;
};

}  // namespace factum::fuzz

/// What libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
