#include "core/sql/memory_file.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

TEST(MemoryFileTest, CanBeReadByItsPathWhileItLives) {
  std::string path;
  {
    const auto file = MemoryFile("one\ntwo\n");
    ASSERT_TRUE(file.ok());
    path = PathOf(*file);
    std::ifstream stream(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "one\ntwo\n");
  }
  EXPECT_FALSE(std::ifstream(path).is_open());
}

}  // namespace
}  // namespace milink::sql
