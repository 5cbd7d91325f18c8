#include "core/base/boxed.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace milink {
namespace {

struct Note {
  std::string text;
  int count = 0;
  bool operator==(const Note&) const = default;
};
using BoxedNote = Boxed<Note>;

TEST(BoxedTest, HoldsNothingUntilItIsGivenAValue) {
  BoxedNote box;
  EXPECT_FALSE(box.has_value());
  EXPECT_EQ(box, std::nullopt);
  box = Note{"a", 1};
  ASSERT_TRUE(box);
  EXPECT_EQ(box->text, "a");
  EXPECT_EQ((*box).count, 1);
  box.reset();
  EXPECT_EQ(box, std::nullopt);
}

TEST(BoxedTest, ACopyIsAnotherValue) {
  const BoxedNote original = Note{"a", 1};
  BoxedNote copy = original;
  copy->text = "b";
  EXPECT_EQ(original->text, "a");
  copy = original;
  EXPECT_EQ(copy, original);
  copy = BoxedNote();
  EXPECT_NE(copy, original);
}

TEST(BoxedTest, AssignedToItselfItStaysAsItIs) {
  BoxedNote box = Note{"a", 1};
  const BoxedNote& same = box;
  box = same;
  EXPECT_EQ(box, BoxedNote(Note{"a", 1}));
}

TEST(BoxedTest, WhatWasMovedFromHoldsNothing) {
  BoxedNote from = Note{"a", 1};
  const BoxedNote to = std::move(from);
  EXPECT_EQ(to->text, "a");
  EXPECT_FALSE(from.has_value());  // NOLINT(bugprone-use-after-move): that is the question
}

TEST(BoxedTest, EmplaceTakesThePlaceOfWhatWasThere) {
  BoxedNote box = Note{"a", 1};
  EXPECT_EQ(box.emplace(), Note());
  EXPECT_EQ(box, BoxedNote(Note()));
}

TEST(BoxedTest, EqualAreValuesAndTwoThatHoldNothing) {
  EXPECT_EQ(BoxedNote(), BoxedNote());
  EXPECT_EQ(BoxedNote(Note{"a", 1}), BoxedNote(Note{"a", 1}));
  EXPECT_NE(BoxedNote(Note{"a", 1}), BoxedNote(Note{"a", 2}));
  EXPECT_NE(BoxedNote(Note()), BoxedNote());
}

TEST(BoxedTest, IsAsWideAsAPointer) { EXPECT_EQ(sizeof(BoxedNote), sizeof(void*)); }

}  // namespace
}  // namespace milink
