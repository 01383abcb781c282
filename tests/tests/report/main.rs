//! The page that `cargo xtask schema report` writes, as a reader meets it in a browser.

mod addresses;
mod comparison;
mod everywhere;
mod life;
mod matrix;
mod page;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use qga_tests::agent::skip;
use qga_tests::browser::Browser;

use crate::page::{Outcome, Page};

/// A test of the page.
type Test = fn(&Page) -> Outcome;

const TESTS: &[(&str, Test)] = &[
    ("nothing_goes_wrong_and_the_page_never_scrolls_sideways", everywhere::looks),
    ("nothing_is_asked_of_the_network", everywhere::asks_nobody),
    ("text_stands_out_from_its_ground_by_day_and_by_night", everywhere::contrast),
    ("everything_that_can_have_the_focus_has_a_name", everywhere::names),
    ("the_matrix_has_a_row_for_each_definition_and_a_column_for_each_release", matrix::matrix),
    ("the_heading_and_the_names_stay_while_the_matrix_scrolls", matrix::sticky),
    ("a_search_leaves_what_has_all_its_words", matrix::search),
    ("filters_leave_what_they_name_and_are_cleared_together", matrix::filters),
    ("only_releases_that_changed_something_are_shown_if_asked_for", matrix::columns),
    ("the_life_of_an_item_tells_what_its_history_tells", life::life),
    ("any_two_releases_differ_in_the_page_as_in_the_library", comparison::differences),
    ("a_reader_picks_the_releases_to_compare", comparison::picks),
    ("a_link_shows_what_it_was_taken_from", addresses::links),
    ("back_and_forward_show_what_was_shown", addresses::travels),
    ("a_link_to_what_is_not_there_says_so", addresses::wrong_links),
    ("the_page_works_from_the_keyboard", everywhere::keyboard),
    ("the_focus_is_always_seen", everywhere::focus),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if arguments.list {
        return libtest_mimic::run(&arguments, trials(None)).exit_code();
    }
    if !Browser::is_installed() {
        skip(
            "QGA_REQUIRE_CHROMIUM",
            "the report needs chromium and chromedriver: apt-get install them",
        );
        return ExitCode::SUCCESS;
    }
    match Page::make() {
        // The browser ends with the last test, also with one that fails.
        Ok(page) => libtest_mimic::run(&arguments, trials(Some(page))).exit_code(),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn trials(page: Option<Page>) -> Vec<Trial> {
    let page = Arc::new(Mutex::new(page));
    let trial = |&(name, test): &(&str, Test)| {
        let page = Arc::clone(&page);
        Trial::test(name, move || {
            // A test that failed leaves the page as it is, and the next one opens it anew.
            let page = page.lock().unwrap_or_else(PoisonError::into_inner);
            page.as_ref().map_or(Ok(()), test).map_err(Failed::from)
        })
    };
    TESTS.iter().map(trial).collect()
}
