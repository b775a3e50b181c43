// A tile path that is understood is the only way to write that tile.
#include "eventstore/merkle_tree.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace factum;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  const auto place = parse_tile_path(text);
  if (!place) return 0;
  fuzz::promise(place->width >= 1 && place->width <= kTileWidth);
  fuzz::promise(tile_path(place->index, place->width) == text);
  return 0;
}
