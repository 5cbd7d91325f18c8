#include "core/kube/files.h"

#include <gmock/gmock.h>

#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

class FilesTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(FilesTest, ReadsEveryByte) {
  const std::string content("a\0\r\n\xFF", 5);
  EXPECT_EQ(*ReadFile(folder_.Write("f", content)), content);
  EXPECT_EQ(*ReadFile(folder_.Write("empty", "")), "");
}

// As the kubelet mounts tokens.
TEST_F(FilesTest, FollowsLinks) {
  const auto target = folder_.Write("..data_1/token", "t");
  const auto link = folder_.path() / "token";
  std::filesystem::create_symlink(target, link);
  EXPECT_EQ(*ReadFile(link), "t");
}

TEST_F(FilesTest, NamesWhatIsMissing) {
  const auto text = ReadFile(folder_.path() / "none");
  EXPECT_EQ(text.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(text.error().reason, "FileMissing");
  EXPECT_THAT(text.error().message, testing::HasSubstr("none"));
}

TEST_F(FilesTest, AFolderIsUnreadable) {
  EXPECT_EQ(ReadFile(folder_.path()).error().reason, "FileUnreadable");
}

}  // namespace
}  // namespace milink::kube
