#include "api/cli/cli.hpp"

int main(int argc, char** argv) { return factum::cli::run(argc, argv); }
