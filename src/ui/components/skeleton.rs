//! Placeholders in the shape of content that is loading.

use leptos::prelude::*;

/// The account card before the account has loaded.
#[component]
pub fn AccountSkeleton() -> impl IntoView {
    let row = |(term, value): (&'static str, &'static str)| {
        view! {
            <div>
                <span class=format!("bone {term}")></span>
                <span class=format!("bone {value}")></span>
            </div>
        }
    };
    let rows = [
        ("w-80", "w-80"),
        ("w-60", "w-60"),
        ("w-40", "w-40"),
        ("w-80", "w-60"),
    ];
    view! {
        <div class="late" aria-hidden="true">
            <div class="account-head">
                <span class="bone bone-logo"></span>
                <span class="bone bone-title w-60"></span>
            </div>
            <div class="facts">
                {rows.map(row).collect_view()}
                <div>
                    <span class="bone w-60"></span>
                    <span class="grow">
                        <span class="bone w-60"></span>
                        <span class="bone w-80"></span>
                        <span class="bone w-60"></span>
                    </span>
                </div>
            </div>
        </div>
    }
}
